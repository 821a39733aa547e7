package dev.rollcall.tck;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All acknowledged writes of a test by revision: what the store must have held at each. Keys carry no lease here. Only tests that make
 * every write of their directory through one log, and get an answer to each, can use it.
 */
final class WriteLog {
    private final ConcurrentSkipListMap<Long, List<Write>> writes = new ConcurrentSkipListMap<>();

    /** Notes that {@code txn} was acknowledged at {@code revision}. */
    void add(long revision, Txn txn) {
        writes.merge(revision, txn.writes(), (some, more) -> {
            Set<Key> keys = some.stream().map(Write::key).collect(Collectors.toSet());
            for (Write write : more) {
                if (keys.contains(write.key())) {
                    throw new RuleViolation(
                            "REV-2",
                            "Two acknowledged writes of '" + write.key() + "' share the revision " + revision + ".");
                }
            }
            return Stream.concat(some.stream(), more.stream()).toList();
        });
    }

    /** What {@code directory} held after everything up to {@code revision}. */
    Cut at(long revision, Directory directory) {
        Map<Key, KeyValue> state = new TreeMap<>();
        writes.headMap(revision, true).forEach((at, made) -> apply(state, at, made));
        return new Cut(revision, new TreeMap<>(state)).within(directory);
    }

    /** Judges an exact read. */
    void judge(String rule, String what, Cut found, Directory directory) {
        Cut expected = at(found.revision(), directory);
        if (!found.entries().equals(expected.entries())) {
            throw new RuleViolation(
                    rule,
                    what + " at revision " + found.revision() + " differs from what the store held at that revision:"
                            + found.difference(expected));
        }
    }

    /** Judges every cut that a watch from a snapshot has shown. */
    void judge(RecordingListener listener) {
        TreeMap<Key, KeyValue> truth = new TreeMap<>();
        Cut held = Cut.empty(0);
        List<Map.Entry<Long, List<Write>>> log = new ArrayList<>(writes.entrySet());
        int next = 0;
        for (var signal : listener.signals()) {
            held = held.after(signal);
            while (next < log.size() && log.get(next).getKey() <= signal.revision()) {
                apply(truth, log.get(next).getKey(), log.get(next).getValue());
                next++;
            }
            Cut expected = new Cut(signal.revision(), truth).within(listener.directory());
            if (!held.entries().equals(expected.entries())) {
                throw new RuleViolation(
                        "WATCH-2",
                        "After " + signal + " the observer does not hold the cut of " + listener.directory()
                                + " at that revision:" + held.difference(expected));
            }
        }
    }

    private static void apply(Map<Key, KeyValue> state, long revision, List<Write> made) {
        for (Write write : made) {
            if (write instanceof Write.Put put) {
                state.put(put.key(), new KeyValue(put.key(), put.value(), revision, false));
            } else {
                state.remove(write.key());
            }
        }
    }
}
