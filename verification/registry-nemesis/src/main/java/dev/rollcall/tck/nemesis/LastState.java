package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Call;
import dev.rollcall.tck.history.Edit;
import dev.rollcall.tck.history.Entry;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.Operation;
import dev.rollcall.tck.history.Result;
import dev.rollcall.tck.history.WatchLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a round is judged by in which somebody took entries away who is no client of its history. When all writes have stopped, everybody has to be of one
 * mind about what is left: every list at the same revision or later, and every watch that began with a snapshot and did not fail.
 */
final class LastState {
    private LastState() {}

    /** What is wrong, in sentences; empty if nothing is. */
    static List<String> differences(History history) {
        long owed = history.watches().stream().mapToLong(WatchLog::owed).max().orElse(0);
        List<Operation> lists = history.operations().stream()
                .filter(operation -> operation.call() instanceof Call.Entries
                        && operation.result() instanceof Result.Listed listed
                        && owed > 0
                        && listed.revision() >= owed)
                .toList();
        List<String> differences = new ArrayList<>();
        if (lists.isEmpty()) {
            // Workload.unsettled says so.
            return differences;
        }
        Set<Key> doubtful = doubtful(history);
        Operation first = lists.get(0);
        Map<Key, Entry> state = entries(first, doubtful);
        Directory directory = ((Call.Entries) first.call()).directory();
        for (Operation other : lists) {
            if (!directoryOf(other).equals(directory)) {
                continue;
            }
            Map<Key, Entry> listed = entries(other, doubtful);
            if (!listed.equals(state)) {
                differences.add("READ-1, after all writes " + first.client() + " listed " + state.values() + " and "
                        + other.client() + " " + listed.values());
            }
        }
        history.watches().forEach(watch -> compare(watch, owed, state, doubtful, differences));
        return differences;
    }

    private static Directory directoryOf(Operation list) {
        return ((Call.Entries) list.call()).directory();
    }

    /** What may be written yet, by operations that nobody has had an answer to. */
    private static Set<Key> doubtful(History history) {
        return history.operations().stream()
                .filter(Operation::isInDoubt)
                .map(Operation::call)
                .filter(Call.Commit.class::isInstance)
                .flatMap(call -> ((Call.Commit) call).writes().stream().map(Edit::key))
                .collect(Collectors.toSet());
    }

    private static Map<Key, Entry> entries(Operation list, Set<Key> doubtful) {
        Map<Key, Entry> entries = new TreeMap<>();
        ((Result.Listed) list.result()).entries().forEach(entry -> entries.put(entry.key(), entry));
        entries.keySet().removeAll(doubtful);
        return entries;
    }

    private static void compare(
            WatchLog watch, long owed, Map<Key, Entry> state, Set<Key> doubtful, List<String> differences) {
        if (watch.owed() == 0 || watch.start() != WatchLog.Start.SNAPSHOT) {
            return;
        }
        Map<Key, Entry> told = new TreeMap<>();
        long revision = 0;
        for (WatchLog.Delivery delivery : watch.deliveries()) {
            if (delivery.signal() instanceof WatchLog.Whole whole) {
                told.clear();
                whole.entries().forEach(entry -> told.put(entry.key(), entry));
                revision = whole.revision();
            } else if (delivery.signal() instanceof WatchLog.Delta delta) {
                delta.items().forEach(item -> apply(item, told));
                revision = delta.revision();
            } else if (delivery.signal() instanceof WatchLog.End end && end.cause() != null) {
                return;
            }
        }
        if (revision < owed) {
            differences.add("WATCH-11, " + watch + " has told nothing after revision " + revision
                    + ", and the last write was at " + owed);
            return;
        }
        Map<Key, Entry> there = new TreeMap<>(state);
        there.keySet().removeIf(key -> !watch.directory().covers(key));
        told.keySet().removeAll(doubtful);
        if (!told.equals(there)) {
            differences.add("WATCH-11, " + watch + " shows " + told.values() + " after all writes, and the store has "
                    + there.values());
        }
    }

    private static void apply(WatchLog.Item item, Map<Key, Entry> told) {
        Entry entry = item.entry();
        if (entry == null) {
            told.remove(item.key());
        } else {
            told.put(item.key(), entry);
        }
    }
}
