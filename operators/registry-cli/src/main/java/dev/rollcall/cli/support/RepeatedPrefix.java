package dev.rollcall.cli.support;

import dev.rollcall.kv.BackendUrl;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Finds a path that begins with what the URL ends in, as it does for who types keys as etcdctl or zkCli have them. */
final class RepeatedPrefix {
    private RepeatedPrefix() {}

    /** What to say about it where nothing was found, or empty. */
    static Optional<String> of(BackendUrl url, String path) {
        // Without hosts the path is a name.
        List<String> before = url.hosts().isEmpty() ? List.of() : segments(url.path());
        List<String> below = segments(path);
        for (int n = Math.min(before.size(), below.size()); n > 0; n--) {
            List<String> repeated = below.subList(0, n);
            if (before.subList(before.size() - n, before.size()).equals(repeated)) {
                return Optional.of("the URL ends in " + path(repeated) + ", and this looked at " + path(before)
                        + path(below) + "; without repeating it, the path is "
                        + path(below.subList(n, below.size())) + ".");
            }
        }
        return Optional.empty();
    }

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .toList();
    }

    private static String path(List<String> segments) {
        return "/" + String.join("/", segments);
    }
}
