package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.TreeSet;
import org.apache.zookeeper.data.Stat;

/**
 * Where a key may have come and gone after a moment without having been seen: while there is no connection there are no events, and no list shows such a key.
 * A directory's count of changes does, since it counts creations and deletions alike: one that has changed since and ever lost a child may have lost one of those.
 */
final class PassedKeys {
    /* Concurrency: guarded by the lock of the feed that it is made for. */
    private final Layout layout;
    private final Tree tree;
    private final long since;
    /** Directories that may have lost a child, and the nodes of keys that have gone. */
    private final TreeSet<String> traces = new TreeSet<>();

    /**
     * As of the moment of the tree, which was listed together with the nodes above it.
     *
     * @param since all that was written up to here is known
     */
    PassedKeys(Layout layout, Tree tree, long since) {
        this.layout = layout;
        this.tree = tree;
        this.since = since;
        tree.forEach((path, node) -> {
            if (mayHaveLostAny(node)) {
                traces.add(path);
            }
        });
    }

    /** This one has gone since, and may have come before that. */
    void add(Key key) {
        traces.add(layout.path(key));
    }

    private boolean mayHaveLostAny(Znode node) {
        Stat stat = node.stat();
        return stat != null && stat.getPzxid() > since && stat.getCversion() != stat.getNumChildren();
    }

    /** Whether one may have in this directory, which the tree covers. */
    boolean mayBeIn(Directory directory) {
        String path = layout.path(directory);
        String first = traces.ceiling(path + "/");
        return (first != null && first.startsWith(path + "/")) || mayHaveGoneWith(path);
    }

    /** Whether the directory may have lost one directly below it, or have been another one meanwhile. */
    private boolean mayHaveGoneWith(String directory) {
        for (String path = directory; ; path = Layout.parent(path)) {
            Znode node = tree.node(path);
            if (node == null || mayHaveLostAny(node)) {
                return true;
            }
            if (path.equals(layout.root())
                    || (node.stat() != null && node.stat().getCzxid() <= since)) {
                return false;
            }
        }
    }
}
