package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The keys of records, claims, marks and requests, by {@link NodeLayout}. The claim is leased, and its value names the owner; the mark is written together
 * with a record that outlives its owner, each time; see {@link Liveness}. All of a node are in one {@link #scope}, so that one watch gives a consistent cut
 * of all.
 */
final class NodeKeys {
    private static final String OWN = ".rollcall";
    private static final Pattern VERSION = Pattern.compile("v[0-9]+");

    private final Directory root;
    private final NodeLayout layout;

    NodeKeys(Directory root, NodeLayout layout) {
        this.root = requireNonNull(root, "root");
        this.layout = requireNonNull(layout, "layout");
    }

    Directory root() {
        return root;
    }

    NodeLayout layout() {
        return layout;
    }

    /** The parts of a node, each with its directories below the root. */
    private enum Part {
        RECORD("", "nodes"),
        CLAIM(OWN + "/alive/", "alive"),
        MARK(OWN + "/kept/", "kept"),
        REQUEST(OWN + "/requests/", "requests");

        private final String beforeKind;
        private final String afterKind;

        Part(String beforeKind, String afterKind) {
            this.beforeKind = beforeKind;
            this.afterKind = afterKind;
        }
    }

    private String path(Part part, String kind) {
        return switch (layout) {
            case TIDB_BINLOG -> part.beforeKind + kind;
            case BY_KIND -> kind + "/" + part.afterKind;
        };
    }

    /** A key that nobody writes, in the kind's {@link #scope}; reading it tells the store's revision. */
    Key probe(String kind) {
        return scope(kind).key(layout == NodeLayout.BY_KIND ? "probe" : OWN + "/probe");
    }

    /** The directory to follow for everything that stands for the nodes of a kind; other kinds' too where the layout does not keep them apart. */
    Directory scope(String kind) {
        checkKind(kind);
        return layout == NodeLayout.BY_KIND ? root.directory(kind) : root;
    }

    /** The directories that together have everything that stands for the nodes of a kind and nothing else: one or several. */
    List<Directory> parts(String kind) {
        return layout == NodeLayout.BY_KIND ? List.of(scope(kind)) : List.of(records(kind), claims(kind), marks(kind));
    }

    private void checkKind(String kind) {
        Segments.check("kind", kind);
        if (kind.equals(OWN)) {
            throw new IllegalArgumentException("Not a kind: '" + OWN + "': it is taken by the registry itself.");
        }
        checkLength("kind", kind, path(Part.REQUEST, kind));
    }

    /** The directory of a kind's records. */
    Directory records(String kind) {
        checkKind(kind);
        return root.directory(path(Part.RECORD, kind));
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
        Directory directory = records(kind);
        Segments.check("nodeId", nodeId);
        // The longest of its keys; a record whose owner could not be asked for anything shall not be written either.
        checkLength("nodeId", nodeId, path(Part.REQUEST, kind) + '/' + nodeId);
        return directory.key(nodeId);
    }

    Key claim(String kind, String nodeId) {
        return root.key(path(Part.CLAIM, kind) + '/' + nodeId);
    }

    Key mark(String kind, String nodeId) {
        return root.key(path(Part.MARK, kind) + '/' + nodeId);
    }

    /** What somebody asks of the node's owner. */
    Key request(String kind, String nodeId) {
        return root.key(path(Part.REQUEST, kind) + '/' + nodeId);
    }

    Directory requests(String kind) {
        return root.directory(path(Part.REQUEST, kind));
    }

    Directory claims(String kind) {
        return root.directory(path(Part.CLAIM, kind));
    }

    Directory marks(String kind) {
        return root.directory(path(Part.MARK, kind));
    }

    String nodeIdOf(String path) {
        String absolute = requireNonNull(path, "key").startsWith("/") ? path : "/" + path;
        Key key = Key.of(absolute);
        boolean byKind = layout == NodeLayout.BY_KIND;
        if (root.covers(key)) {
            String[] segments = root.relativize(key).split("/");
            if (segments.length == (byKind ? 3 : 2)
                    && !segments[0].equals(OWN)
                    && (!byKind || segments[1].equals(Part.RECORD.afterKind))) {
                return key.name();
            }
        } else if (!byKind && hasVersion() && root.parent().covers(key)) {
            String[] segments = root.parent().relativize(key).split("/");
            // What looks like a version is one: '/tidb-binlog/v2/x' is no legacy node of the kind 'v2'.
            if (segments.length == 2 && !VERSION.matcher(segments[0]).matches()) {
                return key.name();
            }
        }
        throw new IllegalArgumentException("Not the key of a node: '" + key + "': it must be "
                + (root.isRoot() ? "" : root.path()) + "/<kind>/" + (byKind ? "nodes/" : "") + "<nodeId>"
                + (!byKind && hasVersion() ? ", or without the version as old binlogs wrote it" : "")
                + ".");
    }

    private boolean hasVersion() {
        return !root.isRoot()
                && VERSION.matcher(root.path().substring(root.path().lastIndexOf('/') + 1))
                        .matches();
    }
}
