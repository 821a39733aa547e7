package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of znodes: that of a key is the key's path below the root. The backend's own nodes are below a sibling of the root, so that no key can collide
 * with them and the watch on the root does not see them.
 */
final class Layout {
    /** What the sibling's name adds to the root's. A root may not end so itself, or it could be another root's sibling. */
    static final String OWN_SUFFIX = ".rollcall";

    /** All handles on a store must agree on it, for ever. */
    static final int STRIPES = 64;

    /** Leaves room in the largest transaction for a root in front of each path; see decision 0042. */
    static final int MAX_ROOT_BYTES = 128;

    private final String root;
    private final String own;
    private final String[] stripes = new String[STRIPES];
    private final String[] departures = new String[STRIPES];

    private Layout(String root) {
        this.root = root;
        this.own = root + OWN_SUFFIX;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = own + "/g" + i;
            departures[i] = own + "/d" + i;
        }
    }

    /**
     * The layout below {@code root}.
     *
     * @throws IllegalArgumentException if the root is not a path that a store may have
     */
    static Layout of(String root) {
        String path = root.endsWith("/") ? root.substring(0, root.length() - 1) : root;
        if (path.isEmpty()) {
            throw new IllegalArgumentException("A zookeeper URL needs a root for its keys, such as the '/rollcall' in"
                    + " 'zookeeper://host:2181/rollcall': ZooKeeper keeps nodes of its own at the top.");
        }
        Directory.of(path);
        if (path.equals("/zookeeper") || path.startsWith("/zookeeper/")) {
            throw new IllegalArgumentException(
                    "The root '" + path + "' lies in '/zookeeper', which belongs to ZooKeeper itself.");
        }
        for (String segment : path.substring(1).split("/")) {
            if (segment.endsWith(OWN_SUFFIX)) {
                throw new IllegalArgumentException("The root '" + path + "' has the segment '" + segment
                        + "'; names that end in '" + OWN_SUFFIX + "' are for the backend's own nodes.");
            }
        }
        if (path.getBytes(UTF_8).length > MAX_ROOT_BYTES) {
            throw new IllegalArgumentException(
                    "The root '" + path + "' is longer than " + MAX_ROOT_BYTES + " bytes of UTF-8.");
        }
        return new Layout(path);
    }

    String root() {
        return root;
    }

    /** The node that holds the backend's own nodes. */
    String own() {
        return own;
    }

    String path(Key key) {
        return root + key.path();
    }

    String path(Directory directory) {
        return directory.isRoot() ? root : root + directory.path();
    }

    /** The key of a node, or null if the node is not one of a key: outside the root, or not a legal key. */
    @Nullable
    Key keyOf(String path) {
        if (!isBelowRoot(path)) {
            return null;
        }
        try {
            return Key.of(path.substring(root.length()));
        } catch (IllegalArgumentException e) {
            // Another client's node with too long a path; what cannot be a key is not data of this store.
            return null;
        }
    }

    boolean isBelowRoot(String path) {
        return path.length() > root.length() && path.charAt(root.length()) == '/' && path.startsWith(root);
    }

    /** The node whose version counts the creations of this path and of those that share its stripe. */
    String stripeOf(String path) {
        return stripes[stripe(path)];
    }

    List<String> stripes() {
        return List.of(stripes);
    }

    /**
     * The node whose version counts the deletions by which entries of this path, and of those that share its stripe, may have been taken from
     * their leases.
     */
    String departuresOf(String path) {
        return departures[stripe(path)];
    }

    List<String> departures() {
        return List.of(departures);
    }

    private int stripe(String path) {
        // The paths' own hash is specified by the language, so all handles agree; the shift spreads similar names.
        int hash = path.substring(root.length()).hashCode();
        return (hash ^ (hash >>> 16)) & (STRIPES - 1);
    }

    /** The node above; the caller sees to it that there is one. */
    static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /** The nodes between the root and {@code path}, both left out, from the top down. */
    List<String> between(String path) {
        List<String> nodes = new ArrayList<>();
        for (int slash = path.indexOf('/', root.length() + 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            nodes.add(path.substring(0, slash));
        }
        return nodes;
    }

    /** The root and the nodes above it, from the top down. */
    List<String> rootAndAbove() {
        List<String> nodes = new ArrayList<>();
        for (int slash = root.indexOf('/', 1); slash > 0; slash = root.indexOf('/', slash + 1)) {
            nodes.add(root.substring(0, slash));
        }
        nodes.add(root);
        return nodes;
    }

    /** Whether this is the path of a generation. */
    boolean isStripe(String path) {
        return path.startsWith(own) && path.startsWith("/g", own.length());
    }

    /** Whether this is the path of a node that only counts, which anybody may bump at any time. */
    boolean isCounter(String path) {
        return isStripe(path) || (path.startsWith(own) && path.startsWith("/d", own.length()));
    }

    /** Whether a node is the directory's own, or below it. */
    boolean isAround(Directory directory, String node) {
        return (node + "/").startsWith(path(directory) + "/");
    }
}
