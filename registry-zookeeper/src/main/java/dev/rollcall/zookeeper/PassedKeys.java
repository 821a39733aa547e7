package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.NavigableMap;
import java.util.TreeMap;
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
    /** The paths of directories that may have lost a child, and of keys that were deleted, with the latest moment at which that may have been. */
    private final NavigableMap<String, Long> traces = new TreeMap<>();

    /**
     * For a tree that was listed together with the nodes above it, as of its moment.
     *
     * @param since all that was written up to here is known to everybody
     */
    PassedKeys(Layout layout, Tree tree, long since) {
        this.layout = layout;
        this.tree = tree;
        tree.forEach((path, node) -> {
            Stat stat = node.stat();
            if (stat != null && mayHaveLostAny(node, since)) {
                traces.put(path, stat.getPzxid());
            }
        });
    }

    /** This key was deleted then, and was not there before: it has come and gone. */
    void add(Key key, long deletedAt) {
        traces.merge(layout.path(key), deletedAt, Math::max);
    }

    private static boolean mayHaveLostAny(Znode node, long since) {
        Stat stat = node.stat();
        return stat != null && stat.getPzxid() > since && stat.getCversion() != stat.getNumChildren();
    }

    /**
     * Whether a key may have come and gone in this directory, which the tree covers.
     *
     * @param since all that was written up to here is known to who asks: a watch that has begun later than others has seen more in its snapshot
     */
    boolean mayBeIn(Directory directory, long since) {
        String path = layout.path(directory);
        // The names below a directory lie between its path with a slash and with what follows the slash in ASCII.
        return traces.subMap(path + "/", path + "0").values().stream().anyMatch(moment -> moment > since)
                || mayHaveGoneWith(path, since);
    }

    /** Whether the directory may have lost a child, or may have been deleted and created again itself. */
    private boolean mayHaveGoneWith(String directory, long since) {
        for (String path = directory; ; path = Layout.parent(path)) {
            Znode node = tree.node(path);
            if (node == null || mayHaveLostAny(node, since)) {
                return true;
            }
            if (path.equals(layout.root())
                    || (node.stat() != null && node.stat().getCzxid() <= since)) {
                return false;
            }
        }
    }
}
