package dev.rollcall.tck;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchSignal;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of a directory at one revision: what a list gives, and what an observer holds after applying signals.
 *
 * @param revision the revision
 * @param entries the entries by key; immutable
 */
public record Cut(long revision, SortedMap<Key, KeyValue> entries) {
    public Cut {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /** The state of a directory of which nothing is known, at a revision. */
    public static Cut empty(long revision) {
        return new Cut(revision, new TreeMap<>());
    }

    /** The state that a list or a snapshot shows. */
    public static Cut of(Snapshot snapshot) {
        return new Cut(snapshot.revision(), byKey(snapshot.entries()));
    }

    /** The state after one more signal. */
    public Cut after(WatchSignal signal) {
        if (signal instanceof Snapshot snapshot) {
            return of(snapshot);
        }
        TreeMap<Key, KeyValue> next = new TreeMap<>(entries);
        apply(next, (Changes) signal);
        return new Cut(signal.revision(), next);
    }

    /** The part of this that lies in a directory. */
    public Cut within(Directory directory) {
        TreeMap<Key, KeyValue> part = new TreeMap<>(entries);
        part.keySet().removeIf(key -> !directory.covers(key));
        return new Cut(revision, part);
    }

    /** The entry of a key that must be present. */
    public KeyValue entry(Key key) {
        KeyValue entry = entries.get(key);
        if (entry == null) {
            throw new AssertionError("Expected " + key + " to be present at revision " + revision + ", but it is not.");
        }
        return entry;
    }

    /** How this differs from {@code expected}: one line for each key, at most eight; empty if the entries are equal. */
    public String difference(Cut expected) {
        StringBuilder lines = new StringBuilder();
        TreeMap<Key, KeyValue> keys = new TreeMap<>(entries);
        keys.putAll(expected.entries);
        int count = 0;
        for (Key key : keys.keySet()) {
            KeyValue found = entries.get(key);
            KeyValue wanted = expected.entries.get(key);
            if (!Objects.equals(found, wanted) && count++ < 8) {
                lines.append(System.lineSeparator())
                        .append("  ")
                        .append(key)
                        .append(": expected ")
                        .append(show(wanted))
                        .append(", found ")
                        .append(show(found));
            }
        }
        return lines.toString();
    }

    static void apply(Map<Key, KeyValue> state, Changes changes) {
        for (Change change : changes.changes()) {
            if (change instanceof Change.Put put) {
                state.put(put.key(), put.entry());
            } else {
                state.remove(change.key());
            }
        }
    }

    static TreeMap<Key, KeyValue> byKey(Collection<KeyValue> entries) {
        TreeMap<Key, KeyValue> byKey = new TreeMap<>();
        entries.forEach(entry -> byKey.put(entry.key(), entry));
        return byKey;
    }

    private static String show(@org.jspecify.annotations.Nullable KeyValue entry) {
        if (entry == null) {
            return "nothing";
        }
        String value = entry.value().size() <= 40
                ? "'" + entry.value().utf8() + "'"
                : entry.value().toString();
        return value + " at revision " + entry.revision() + (entry.leased() ? ", leased" : "");
    }
}
