package dev.rollcall.console;

import dev.rollcall.kv.Directory;
import dev.rollcall.registry.NodeLayout;
import java.util.Map;
import java.util.Optional;

/**
 * Tells by a key which kind of nodes it stands for, if any. What this library registers leaves claims and marks, of which the names tell; where others have
 * written, the root has to be known.
 */
/* Concurrency: immutable. */
final class KindDiscovery {
    private static final String OWN = ".rollcall";
    private static final Directory TIDB_ROOT = Directory.of("/tidb-binlog/v1");

    private final Map<Directory, NodeLayout> roots;

    /** @param roots the registries that were named */
    KindDiscovery(Map<Directory, NodeLayout> roots) {
        this.roots = Map.copyOf(roots);
    }

    Optional<KindId> kindOf(String path) {
        // Most keys are of no node, and few are worth to be taken apart.
        for (Map.Entry<Directory, NodeLayout> known : roots.entrySet()) {
            Optional<KindId> kind = below(known.getKey(), known.getValue(), path);
            if (kind.isPresent()) {
                return kind;
            }
        }
        if (path.contains("/alive/") || path.contains("/kept/")) {
            return byClaim(path.substring(1).split("/"));
        }
        return roots.containsKey(TIDB_ROOT) ? Optional.empty() : below(TIDB_ROOT, NodeLayout.TIDB_BINLOG, path);
    }

    private static Optional<KindId> below(Directory root, NodeLayout layout, String path) {
        String start = root.rangeStart();
        if (!path.startsWith(start)) {
            return Optional.empty();
        }
        String[] segments = path.substring(start.length()).split("/");
        boolean record = layout == NodeLayout.BY_KIND
                ? segments.length == 3 && segments[1].equals("nodes")
                : segments.length == 2;
        return record && !segments[0].equals(OWN)
                ? Optional.of(new KindId(root, layout, segments[0]))
                : Optional.empty();
    }

    private static boolean isClaimOrMark(String segment) {
        return segment.equals("alive") || segment.equals("kept");
    }

    private static Optional<KindId> byClaim(String[] segments) {
        int n = segments.length;
        if (n >= 4 && segments[n - 4].equals(OWN) && isClaimOrMark(segments[n - 3])) {
            return Optional.of(new KindId(prefix(segments, n - 4), NodeLayout.TIDB_BINLOG, segments[n - 2]));
        }
        if (n >= 3 && isClaimOrMark(segments[n - 2]) && !segments[n - 3].equals(OWN)) {
            return Optional.of(new KindId(prefix(segments, n - 3), NodeLayout.BY_KIND, segments[n - 3]));
        }
        return Optional.empty();
    }

    private static Directory prefix(String[] segments, int count) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < count; i++) {
            path.append('/').append(segments[i]);
        }
        return count == 0 ? Directory.ROOT : Directory.of(path.toString());
    }
}
