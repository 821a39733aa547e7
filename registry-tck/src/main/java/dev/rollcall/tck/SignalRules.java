package dev.rollcall.tck;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Judges each signal of one watch by itself and against those before it; what it finds goes to {@code report}, rule and finding. */
final class SignalRules {
    private final Directory directory;
    private final WatchStart start;
    private final BiConsumer<String, String> report;
    private final Map<Key, KeyValue> state = new TreeMap<>();
    private final Map<Key, Long> last = new TreeMap<>();
    private long revision;
    private boolean first = true;

    SignalRules(Directory directory, WatchStart start, BiConsumer<String, String> report) {
        this.directory = directory;
        this.start = start;
        this.report = report;
        if (start instanceof WatchStart.AfterRevision after) {
            revision = after.revision();
        } else if (start instanceof WatchStart.History history) {
            revision = history.revision();
        }
    }

    void judge(WatchSignal signal) {
        if (!signal.directory().equals(directory)) {
            report.accept("WATCH-1", signal + " came to a watch of " + directory + ".");
        }
        if (signal.revision() < revision) {
            if (first) {
                report.accept("WATCH-10", signal + " is older than the revision after which the watch was started.");
            } else {
                report.accept(
                        "WATCH-3",
                        signal + " follows a signal at revision " + revision + "; revisions must not shrink.");
            }
        }
        if (signal instanceof Snapshot snapshot) {
            judgeSnapshot(snapshot);
        } else {
            judgeChanges((Changes) signal);
        }
        first = false;
        revision = signal.revision();
    }

    private void judgeSnapshot(Snapshot snapshot) {
        if (!(start instanceof WatchStart.FromSnapshot)) {
            report.accept(
                    "WATCH-1",
                    snapshot + " came to a watch that was started with " + start + ", which is owed changes only.");
        }
        Key previous = null;
        for (KeyValue entry : snapshot.entries()) {
            judgeEntry(entry, snapshot);
            if (previous != null && previous.compareTo(entry.key()) >= 0) {
                report.accept(
                        "WATCH-2", snapshot + " has " + entry.key() + " after " + previous + "; keys must ascend.");
            }
            previous = entry.key();
            KeyValue held = state.get(entry.key());
            if (held != null && held.revision() > entry.revision()) {
                report.accept(
                        "WATCH-3",
                        snapshot + " takes " + entry.key() + " back from revision " + held.revision() + " to "
                                + entry.revision() + ".");
            }
        }
        state.clear();
        snapshot.entries().forEach(entry -> state.put(entry.key(), entry));
    }

    private void judgeEntry(KeyValue entry, WatchSignal signal) {
        if (!directory.covers(entry.key())) {
            report.accept("WATCH-8", signal + " holds " + entry.key() + ", which is not below " + directory + ".");
        }
        if (entry.revision() > signal.revision()) {
            report.accept(
                    "WATCH-2",
                    signal + " holds " + entry.key() + " at revision " + entry.revision()
                            + ", which is later than the signal.");
        }
    }

    private void judgeChanges(Changes changes) {
        if (first && start instanceof WatchStart.FromSnapshot) {
            report.accept("WATCH-1", changes + " came first to a watch from a snapshot; the snapshot must.");
        }
        Change previous = null;
        Set<Key> seen = new HashSet<>();
        for (Change change : changes.changes()) {
            if (!directory.covers(change.key())) {
                report.accept(
                        "WATCH-8", changes + " holds " + change.key() + ", which is not below " + directory + ".");
            }
            boolean torn = !first && change.revision() == revision && !isHeld(change);
            if (torn) {
                report.accept(
                        "WATCH-4",
                        changes + " holds " + change + ", of the same revision as the signal before it; all changes of"
                                + " one revision must come in one signal.");
            } else if (first && change.revision() <= revision) {
                report.accept(
                        "WATCH-10",
                        changes + " holds " + change + ", which is not newer than the revision " + revision
                                + " after which the watch was started.");
            } else if (change.revision() <= revision) {
                report.accept(
                        "WATCH-3",
                        changes + " holds " + change + ", which is not newer than the signal before it at revision "
                                + revision + ".");
            }
            if (change.revision() > changes.revision()) {
                report.accept("WATCH-2", changes + " holds " + change + ", which is later than the signal.");
            }
            if (!seen.add(change.key())) {
                report.accept(
                        "WATCH-3",
                        changes + " holds two changes of " + change.key() + "; it may hold the latest only.");
            }
            if (previous != null && Changes.ORDER.compare(previous, change) > 0) {
                report.accept(
                        "WATCH-3",
                        changes + " holds " + change + " after " + previous + "; revisions, then keys, must ascend.");
            }
            if (start instanceof WatchStart.History && change.revision() != changes.revision()) {
                report.accept("WATCH-16", changes + " of a history watch holds " + change + " of another revision.");
            }
            previous = change;
        }
        if (start instanceof WatchStart.History && changes.changes().isEmpty()) {
            report.accept("WATCH-16", changes + " of a history watch holds no change.");
        }
        Cut.apply(state, changes);
        changes.changes().forEach(change -> last.put(change.key(), change.revision()));
    }

    /** Whether this change, or a newer state of its key, has been delivered. */
    private boolean isHeld(Change change) {
        KeyValue held = state.get(change.key());
        return (held != null && held.revision() >= change.revision())
                || last.getOrDefault(change.key(), 0L) >= change.revision();
    }
}
