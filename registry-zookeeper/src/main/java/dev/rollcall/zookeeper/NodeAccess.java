package dev.rollcall.zookeeper;

import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * The permissions of nodes that are created: one list for all of a store, or one for each path, as code of the application says. That code is asked by whoever opens
 * the handle or begins a commit, on that thread, for each node that may be created; never on a thread of ZooKeeper's client or under a lock, where the requests are made.
 * Immutable.
 */
final class NodeAccess {
    private final Layout layout;
    private final Map<String, List<ACL>> rootAndAbove;
    private final @Nullable Function<String, List<ACL>> source;

    private NodeAccess(
            Layout layout, Map<String, List<ACL>> rootAndAbove, @Nullable Function<String, List<ACL>> source) {
        this.layout = layout;
        this.rootAndAbove = Map.copyOf(rootAndAbove);
        this.source = source;
    }

    /** The same for all. What is above the root is not the store's, so it is not claimed for its user: others may have stores beside it. */
    static NodeAccess same(List<ACL> acl, Layout layout) {
        Map<String, List<ACL>> nodes = new HashMap<>();
        layout.rootAndAbove().forEach(path -> nodes.put(path, Ids.OPEN_ACL_UNSAFE));
        nodes.put(layout.root(), acl);
        return new NodeAccess(layout, nodes, null);
    }

    /**
     * As {@code source} says, which is asked for the root and what is above it now.
     *
     * @throws IllegalArgumentException if it has none for one of them
     */
    static NodeAccess byPath(Function<String, List<ACL>> source, Layout layout) {
        Map<String, List<ACL>> nodes = new HashMap<>();
        layout.rootAndAbove().forEach(path -> nodes.put(path, ask(source, path)));
        return new NodeAccess(layout, nodes, source);
    }

    private static List<ACL> ask(Function<String, List<ACL>> source, String path) {
        @Nullable List<ACL> acl = source.apply(path);
        if (acl == null || acl.isEmpty()) {
            throw new IllegalArgumentException("There are no permissions for the node '" + path + "'.");
        }
        return List.copyOf(acl);
    }

    /** Of the root, and of the backend's own nodes. */
    List<ACL> own() {
        return ofStoreNode(layout.root());
    }

    /** Of the root, a node above it, or one of the backend's own. */
    List<ACL> ofStoreNode(String path) {
        List<ACL> acl = rootAndAbove.get(path);
        return acl == null ? rootAndAbove.getOrDefault(layout.root(), List.of()) : acl;
    }

    /**
     * Of each node that {@code txn} may create. Asks code of the application, and throws what that throws.
     *
     * @throws IllegalArgumentException if it has none for one of them
     */
    Function<String, List<ACL>> of(Txn txn) {
        if (source == null) {
            List<ACL> all = own();
            return path -> all;
        }
        Map<String, List<ACL>> nodes = new HashMap<>();
        for (Write write : txn.writes()) {
            String path = layout.path(write.key());
            // A deletion may leave a directory for what is created below it.
            nodes.computeIfAbsent(path, node -> ask(source, node));
            if (write instanceof Write.Put) {
                layout.between(path).forEach(above -> nodes.computeIfAbsent(above, node -> ask(source, node)));
            }
        }
        return path -> nodes.getOrDefault(path, own());
    }
}
