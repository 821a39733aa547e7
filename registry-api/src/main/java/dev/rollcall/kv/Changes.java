package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.List;

/**
 * The changes in a directory since the signal before: for each changed key its latest state, once.
 *
 * @param directory the directory that is watched
 * @param changes the changes, in ascending order of revision and, within one, of key; may be empty, then only the revision has moved on
 * @param revision the revision that the observer is at after applying all changes; at least that of each change
 */
public record Changes(Directory directory, List<Change> changes, long revision) implements WatchSignal {
    /** The order of changes within one signal: by revision, then by key. */
    public static final Comparator<Change> ORDER =
            Comparator.comparingLong(Change::revision).thenComparing(Change::key);

    /** Takes {@code changes} as they are; that they are in order and below the directory is for the test kit to check, not for each signal. */
    public Changes {
        requireNonNull(directory, "directory");
        changes = List.copyOf(changes);
        Revisions.checkStore(revision);
    }

    /** A short form; the changes are counted, not shown. */
    @Override
    public String toString() {
        return "Changes[" + directory + ", " + changes.size() + " changes, revision " + revision + "]";
    }
}
