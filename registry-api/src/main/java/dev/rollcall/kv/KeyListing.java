package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The keys strictly below a directory, as they were at one revision.
 *
 * @param directory the directory
 * @param keys the keys, sorted; immutable
 * @param revision the store revision at which this is exact
 */
public record KeyListing(Directory directory, List<Key> keys, long revision) {
    public KeyListing {
        requireNonNull(directory, "directory");
        keys = List.copyOf(keys);
        Revisions.checkStore(revision);
    }

    /** The distinct first segments below the directory, in order of their first key: the names of its direct children. */
    public List<String> children() {
        return keys.stream()
                .map(key -> {
                    String relative = directory.relativize(key);
                    int slash = relative.indexOf('/');
                    return slash < 0 ? relative : relative.substring(0, slash);
                })
                .distinct()
                .sorted()
                .toList();
    }
}
