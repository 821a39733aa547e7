package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.TreeSet;
import org.apache.zookeeper.data.Stat;

/**
 * The directories in which a key may have been created and deleted unseen, after a given moment: without a connection there are no events, and a list does not
 * show such a key. ZooKeeper counts the changes of a directory's children, creations and deletions alike. A directory whose children have changed since, and
 * which has ever lost one, may have lost a key that nobody has seen.
 */
final class PassedKeys {
    /* Concurrency: guarded by the lock of the feed that it is made for. */
    private final Layout layout;
    private final Tree tree;
    private final long since;
    /** The paths of directories that may have lost a child, and of keys that were deleted. */
    private final TreeSet<String> traces = new TreeSet<>();

    /**
     * For a tree that was listed together with the nodes above it, as of its moment.
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

    /** This key was deleted since, and was not there before: it has come and gone. */
    void add(Key key) {
        traces.add(layout.path(key));
    }

    private boolean mayHaveLostAny(Znode node) {
        Stat stat = node.stat();
        return stat != null && stat.getPzxid() > since && stat.getCversion() != stat.getNumChildren();
    }

    /** Whether a key may have come and gone in this directory, which the tree covers. */
    boolean mayBeIn(Directory directory) {
        String path = layout.path(directory);
        String first = traces.ceiling(path + "/");
        return (first != null && first.startsWith(path + "/")) || mayHaveGoneWith(path);
    }

    /** Whether the directory may have lost a child, or may have been deleted and created again itself. */
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
