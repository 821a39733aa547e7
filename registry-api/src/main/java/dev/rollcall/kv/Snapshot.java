package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * Every entry strictly below a directory, as it was at one revision.
 *
 * @param directory the directory
 * @param entries the entries, sorted by key; immutable
 * @param revision the store revision at which this is exact
 */
public record Snapshot(Directory directory, List<KeyValue> entries, long revision) implements WatchSignal {
    /** Takes {@code entries} as they are; that they are sorted and below the directory is for the test kit to check, not for each read. */
    public Snapshot {
        requireNonNull(directory, "directory");
        entries = List.copyOf(entries);
        Revisions.checkStore(revision);
    }

    /** The entry of {@code key}, or empty if it was absent; costs O(log n). */
    public Optional<KeyValue> get(Key key) {
        int low = 0;
        int high = entries.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = entries.get(middle).key().compareTo(key);
            if (order == 0) {
                return Optional.of(entries.get(middle));
            } else if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** The number of entries. */
    public int size() {
        return entries.size();
    }

    /** A short form; the entries are counted, not shown. */
    @Override
    public String toString() {
        return "Snapshot[" + directory + ", " + entries.size() + " entries, revision " + revision + "]";
    }
}
