package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import java.util.regex.Pattern;

/**
 * Where things are in the store:
 *
 * <pre>
 * root/kind/nodeId                  the record
 * root/.rollcall/alive/kind/nodeId  the claim: leased, its value names the owner
 * root/.rollcall/kept/kind/nodeId   the mark: written together with a record that outlives its owner, each time; see {@link Liveness}
 * </pre>
 *
 * <p>All below one root, so that one watch gives a consistent cut of all; none below {@code root/kind} but records, so that other readers
 * of that directory see what they expect.
 */
final class NodeKeys {
    private static final String OWN = ".rollcall";
    private static final String ALIVE = OWN + "/alive/";
    private static final String KEPT = OWN + "/kept/";
    private static final Pattern VERSION = Pattern.compile("v[0-9]+");

    private final Directory root;

    NodeKeys(Directory root) {
        this.root = requireNonNull(root, "root");
    }

    Directory root() {
        return root;
    }

    /** A key that nobody writes; reading it tells the store's revision. */
    Key probe() {
        return root.key(OWN + "/probe");
    }

    Directory kind(String kind) {
        Segments.check("kind", kind);
        if (kind.equals(OWN)) {
            throw new IllegalArgumentException("Not a kind: '" + OWN + "': it is taken by the registry itself.");
        }
        checkLength("kind", kind, ALIVE + kind);
        return root.directory(kind);
    }

    private void checkLength(String what, String name, String path) {
        int bytes = ((root.isRoot() ? "/" : root.path() + "/") + path).getBytes(UTF_8).length;
        if (bytes > Limits.MAX_KEY_BYTES) {
            throw Segments.refused(
                    what,
                    name,
                    "with the root and what the registry keeps beside it, its key would take " + bytes
                            + " bytes of UTF-8, more than the limit of " + Limits.MAX_KEY_BYTES);
        }
    }

    Key record(String kind, String nodeId) {
        Directory directory = kind(kind);
        Segments.check("nodeId", nodeId);
        // The claim's key is the longest; a record that could not be claimed shall not be written either.
        checkLength("nodeId", nodeId, ALIVE + kind + '/' + nodeId);
        return directory.key(nodeId);
    }

    Key claim(String kind, String nodeId) {
        return root.key(ALIVE + kind + '/' + nodeId);
    }

    Key mark(String kind, String nodeId) {
        return root.key(KEPT + kind + '/' + nodeId);
    }

    Directory claims(String kind) {
        return root.directory(ALIVE + kind);
    }

    Directory marks(String kind) {
        return root.directory(KEPT + kind);
    }

    String nodeIdOf(String path) {
        String absolute = requireNonNull(path, "key").startsWith("/") ? path : "/" + path;
        Key key = Key.of(absolute);
        if (root.covers(key)) {
            String relative = root.relativize(key);
            int slash = relative.indexOf('/');
            if (slash > 0 && relative.indexOf('/', slash + 1) < 0 && !relative.startsWith(OWN + "/")) {
                return relative.substring(slash + 1);
            }
        } else if (!root.isRoot()
                && VERSION.matcher(lastSegment()).matches()
                && root.parent().covers(key)) {
            String relative = root.parent().relativize(key);
            int slash = relative.indexOf('/');
            // What looks like a version is one: '/tidb-binlog/v2/x' is no legacy node of the kind 'v2'.
            if (slash > 0
                    && relative.indexOf('/', slash + 1) < 0
                    && !VERSION.matcher(relative.substring(0, slash)).matches()) {
                return relative.substring(slash + 1);
            }
        }
        throw new IllegalArgumentException("Not the key of a node: '" + key + "': it must be "
                + (root.isRoot() ? "" : root.path()) + "/<kind>/<nodeId>"
                + (!root.isRoot() && VERSION.matcher(lastSegment()).matches()
                        ? ", or without the version as old binlogs wrote it"
                        : "")
                + ".");
    }

    private String lastSegment() {
        return root.path().substring(root.path().lastIndexOf('/') + 1);
    }
}
