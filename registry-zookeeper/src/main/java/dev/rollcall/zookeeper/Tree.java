package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.zookeeper.CutAssembler.Observed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/** The nodes strictly below a directory, being collected. */
final class Tree {
    private final Layout layout;
    private final Directory directory;
    private final String stem;
    private final Map<String, Znode> nodes = new TreeMap<>();
    /** The directory's own node and those above it up to the root, from the top down; only where they were asked for. */
    private final Map<String, Znode> above = new TreeMap<>();

    private long zxid;
    private Map<String, Long> later = Map.of();

    Tree(Layout layout, Directory directory) {
        this.layout = layout;
        this.directory = directory;
        this.stem = layout.path(directory) + "/";
    }

    Directory directory() {
        return directory;
    }

    boolean covers(String path) {
        return path.startsWith(stem);
    }

    void put(String path, Znode node) {
        if (!covers(path)) {
            above.put(path, node);
        } else if (node.exists()) {
            nodes.put(path, node);
        } else {
            nodes.remove(path);
        }
    }

    /** Brings the tree to the state of {@code exactAt}. */
    void apply(Map<String, Observed> changed, long exactAt, Map<String, Long> changedLater) {
        changed.forEach((path, observed) -> put(path, observed.node()));
        zxid = exactAt;
        later = changedLater;
    }

    /** What events have told of since the moment of this tree; nobody else may have listened to them. */
    Map<String, Long> later() {
        return later;
    }

    /** The directory's own node and those above it, up to the root. */
    List<String> pathsAbove() {
        List<String> paths = new ArrayList<>(List.of(layout.root()));
        if (!directory.isRoot()) {
            paths.addAll(layout.between(layout.path(directory)));
            paths.add(layout.path(directory));
        }
        return paths;
    }

    /**
     * Whether the nodes show that none was deleted after {@code revision}: of a directory whose children have not changed since, none has,
     * nor of one that never lost any. ZooKeeper counts the changes of a directory's children, creations and deletions alike.
     */
    boolean showsNoDeletionAfter(long revision) {
        return above.size() == pathsAbove().size()
                && above.values().stream().allMatch(node -> lostNothingAfter(node, revision))
                && nodes.values().stream().allMatch(node -> lostNothingAfter(node, revision));
    }

    private static boolean lostNothingAfter(Znode node, long revision) {
        Stat stat = node.stat();
        return stat == null || stat.getPzxid() <= revision || stat.getCversion() == stat.getNumChildren();
    }

    /** All that was read, of the nodes above the directory also such as are absent. */
    void forEach(BiConsumer<String, Znode> each) {
        above.forEach(each);
        nodes.forEach(each);
    }

    /** The node at a path, or null if it was not read or may not be. */
    @Nullable
    Znode node(String path) {
        return covers(path) ? nodes.getOrDefault(path, Znode.ABSENT) : above.get(path);
    }

    /** The revision that all is exact at. */
    long zxid() {
        return zxid;
    }

    boolean hasEntries() {
        return nodes.values().stream().anyMatch(Znode::isEntry);
    }

    /** The nodes that are not entries, each after the one above it. */
    List<String> directories() {
        List<String> paths = new ArrayList<>();
        nodes.forEach((path, node) -> {
            if (!node.isEntry()) {
                paths.add(path);
            }
        });
        return paths;
    }

    /** The directories that had children once, and have none. */
    List<String> emptied() {
        List<String> paths = new ArrayList<>();
        nodes.forEach((path, node) -> {
            Stat stat = node.stat();
            if (!node.isEntry() && node.children() == 0 && stat != null && stat.getCversion() > 0) {
                paths.add(path);
            }
        });
        return paths;
    }

    /** The keys that were deleted after {@code revision} while nodes below them stayed, with the revisions of that. */
    Map<Key, Long> remaindersAfter(long revision) {
        Map<Key, Long> deleted = new TreeMap<>();
        nodes.forEach((path, node) -> {
            Key key = layout.keyOf(path);
            if (key != null
                    && node.isRemainder()
                    && node.stat() != null
                    && node.stat().getMzxid() > revision) {
                deleted.put(key, node.stat().getMzxid());
            }
        });
        return deleted;
    }

    Snapshot snapshot() {
        List<KeyValue> entries = new ArrayList<>(nodes.size());
        for (Map.Entry<String, Znode> node : nodes.entrySet()) {
            if (node.getValue().isEntry()) {
                Key key = layout.keyOf(node.getKey());
                if (key != null) {
                    entries.add(node.getValue().entry(key));
                }
            }
        }
        // Below one root, the order of paths is that of keys.
        return new Snapshot(directory, entries, zxid);
    }
}
