package dev.rollcall.cli.nodes;

import dev.rollcall.kv.Directory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds a URL whose end the root of the nodes repeats, as when both name TiDB's. */
final class DoubledRoot {
    private DoubledRoot() {}

    /**
     * What to say about it, without a full stop, or empty.
     *
     * @param prefix the URL's path; or the prefix that it gives instead, for names that do not begin with a slash
     */
    static Optional<String> of(String prefix, Directory root, String kind) {
        List<String> before = segments(prefix);
        List<String> below = new ArrayList<>(segments(root.isRoot() ? "" : root.path()));
        int ofRoot = below.size();
        below.add(kind);
        for (int n = Math.min(before.size(), below.size()); n > 0; n--) {
            if (before.subList(before.size() - n, before.size()).equals(below.subList(0, n))) {
                boolean exact = !prefix.startsWith("/");
                String where = exact ? "prefix" : "URL";
                String looked = path(before) + path(below);
                return Optional.of("this looks at " + (exact ? looked.substring(1) : looked) + ", since the " + where
                        + " ends in " + path(below.subList(0, n)).substring(exact && n == before.size() ? 1 : 0)
                        + ", which comes once more; leave that out of the " + where
                        + (n > ofRoot || ofRoot == 0
                                ? ""
                                : ", or give --root " + (n == ofRoot ? "/" : path(below.subList(n, ofRoot)))
                                        + " if the nodes are below it only once"));
            }
        }
        return Optional.empty();
    }

    private static List<String> segments(String path) {
        return List.of(path.split("/")).stream()
                .filter(segment -> !segment.isEmpty())
                .toList();
    }

    private static String path(List<String> segments) {
        return "/" + String.join("/", segments);
    }
}
