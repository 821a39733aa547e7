package dev.rollcall.tck.history;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Versions.Cell;
import dev.rollcall.tck.history.Versions.Version;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares reads with the state of a replay that has reached their revision. */
final class ReadCheck {
    private final Replay replay;
    private final SharedRevisions shared;
    private final Floors floors;
    private final Findings findings;

    ReadCheck(Replay replay, SharedRevisions shared, Floors floors, Findings findings) {
        this.replay = replay;
        this.shared = shared;
        this.floors = floors;
        this.findings = findings;
    }

    void read(Operation operation) {
        checkFloors(operation);
        if (operation.result() instanceof Result.Got got && operation.call() instanceof Call.Get get) {
            Difference difference = compare(get.key(), got.entry(), got.revision());
            if (difference != null) {
                report(difference.leaseOnly() ? "LEASE-13" : "REV-5", operation, List.of(difference), got.revision());
            }
            replay.evidence().confirm(get.key(), got.revision());
        } else if (operation.result() instanceof Result.Listed listed
                && operation.call() instanceof Call.Entries list) {
            String disorder = disorder(list.directory(), listed.entries());
            if (disorder != null) {
                findings.certain("READ-5", operation + " " + disorder, operation);
            }
            List<Difference> differences = compare(list.directory(), listed.entries(), listed.revision());
            if (!differences.isEmpty()) {
                boolean leaseOnly = differences.stream().allMatch(Difference::leaseOnly);
                report(leaseOnly ? "LEASE-13" : "READ-4", operation, differences, listed.revision());
            }
        } else if (operation.result() instanceof Result.KeysListed listed
                && operation.call() instanceof Call.Keys list) {
            checkKeys(operation, list.directory(), listed);
        }
    }

    /** The snapshots of a watch at a revision. */
    void snapshots(WatchLog watch, long revision) {
        for (WatchLog.Delivery delivery : watch.deliveries()) {
            if (delivery.signal() instanceof WatchLog.Whole whole && whole.revision() == revision) {
                String disorder = disorder(watch.directory(), whole.entries());
                if (disorder != null) {
                    findings.certain("WATCH-8", watch + " " + disorder, watch, List.of());
                }
                List<Difference> differences = compare(watch.directory(), whole.entries(), revision);
                if (!differences.isEmpty()) {
                    boolean leaseOnly = differences.stream().allMatch(Difference::leaseOnly);
                    List<Difference> certain = certain(differences, revision);
                    List<Difference> shown = certain.isEmpty() ? differences : certain;
                    findings.found(
                            !certain.isEmpty(),
                            leaseOnly ? "WATCH-9" : "WATCH-2",
                            watch + " was given a snapshot at revision " + revision + " where " + show(shown),
                            watch,
                            writers(shown));
                }
            }
        }
    }

    /** A transaction that was applied at a revision and changed nothing. */
    void unchanged(Operation operation, long revision) {
        Floors.Floor floor = floors.linearizable(operation);
        if (revision < floor.revision()) {
            stale("REV-5", operation, floor);
        }
        replay.requireConditions(operation, revision);
        for (Edit write : ((Call.Commit) operation.call()).writes()) {
            Cell cell = replay.cell(write.key());
            if (cell != null && !replay.mend(write.key(), false, revision)) {
                notDone(operation, revision, cell);
            }
            replay.evidence().confirm(write.key(), revision);
        }
    }

    /** A deletion was not done: another transaction that has made the revision left no room for it, or nothing did. */
    private void notDone(Operation operation, long revision, Cell cell) {
        for (Operation writer : replay.revisionWriters().writers(revision)) {
            if (shared.isForbidden(writer, operation, revision)) {
                shared.accuse(writer, operation, revision);
                return;
            }
        }
        findings.violation(
                "TXN-1",
                operation + " was applied, but '" + cell.entry().key() + "' is still there at that revision, by "
                        + cell.writer(),
                operation,
                cell.writer());
    }

    private void checkFloors(Operation operation) {
        long revision = operation.result().revisionOrNone();
        Floors.Floor own = floors.own(operation);
        Floors.Floor all = floors.linearizable(operation);
        if (!operation.call().isSequential() && revision < all.revision()) {
            stale("READ-1", operation, all);
        } else if (revision < own.revision()) {
            stale(operation.call().isSequential() ? "READ-2" : "READ-1", operation, own);
        }
    }

    private void stale(String rule, Operation operation, Floors.Floor floor) {
        findings.certain(
                rule,
                operation + " is older than revision " + floor.revision() + ", which had been told before by "
                        + floor.who(),
                floor.operation() == null
                        ? new Operation[] {operation}
                        : new Operation[] {operation, floor.operation()});
    }

    /** What was seen and an acknowledged write had overwritten, or of a key that is in no doubt: no guess can mend that. */
    private List<Difference> certain(List<Difference> differences, long revision) {
        return differences.stream()
                .filter(difference -> difference.seen() != null
                                && replay.revisionWriters()
                                        .wasPut(
                                                difference.key(),
                                                difference.seen().revision(),
                                                revision)
                        || difference.seen() == null
                                && replay.revisionWriters()
                                        .mustBeThere(difference.key(), revision, revision, Long.MAX_VALUE)
                        || replay.isCertain(difference.key(), revision))
                .toList();
    }

    private void report(String rule, Operation operation, List<Difference> differences, long revision) {
        List<Difference> certain = certain(differences, revision);
        List<Difference> shown = certain.isEmpty() ? differences : certain;
        List<Operation> involved = new ArrayList<>(writers(shown));
        involved.add(0, operation);
        findings.found(
                !certain.isEmpty(),
                rule,
                operation + " is not what the store held: " + show(shown),
                involved.toArray(Operation[]::new));
    }

    private void checkKeys(Operation operation, Directory directory, Result.KeysListed listed) {
        List<Key> sorted = List.copyOf(new TreeSet<>(listed.keys()));
        if (!sorted.equals(listed.keys())) {
            findings.certain("READ-7", operation + " is not sorted, or has a key twice", operation);
        }
        int before;
        boolean right;
        do {
            before = replay.revisionWriters().adopted();
            right = checkKeysOnce(operation, directory, listed);
        } while (right && replay.revisionWriters().adopted() > before);
        replay.evidence().confirm(directory, listed.revision());
    }

    private boolean checkKeysOnce(Operation operation, Directory directory, Result.KeysListed listed) {
        boolean right = true;
        for (Key key : listed.keys()) {
            if (replay.cell(key) == null && !replay.mend(key, true, listed.revision())) {
                Version last = replay.versions().at(key, listed.revision());
                mismatch(
                        replay.isCertain(key, listed.revision()),
                        operation,
                        "has '" + key + "', which was absent",
                        last);
                right = false;
            }
        }
        Set<Key> seen = Set.copyOf(listed.keys());
        for (Cell cell : List.copyOf(state(directory).values())) {
            Key key = cell.entry().key();
            if (!seen.contains(key) && replay.cell(key) != null && !replay.mend(key, false, listed.revision())) {
                mismatch(
                        replay.isCertain(key, listed.revision())
                                || replay.revisionWriters()
                                        .mustBeThere(key, listed.revision(), listed.revision(), Long.MAX_VALUE),
                        operation,
                        "lacks '" + key + "'",
                        replay.versions().at(key, listed.revision()));
                right = false;
            }
        }
        return right;
    }

    private void mismatch(boolean certain, Operation operation, String how, @Nullable Version last) {
        findings.found(
                certain,
                "READ-7",
                operation + " " + how + (last == null ? "" : ", by " + last.by()),
                last == null || last.writer() == null
                        ? new Operation[] {operation}
                        : new Operation[] {operation, last.writer()});
    }

    private static @Nullable String disorder(Directory directory, List<Entry> entries) {
        Key last = null;
        for (Entry entry : entries) {
            if (!directory.covers(entry.key())) {
                return "has '" + entry.key() + "', which is not below " + directory;
            }
            if (last != null && last.compareTo(entry.key()) >= 0) {
                return "has '" + entry.key() + "' after '" + last + "'";
            }
            last = entry.key();
        }
        return null;
    }

    /** What a key was seen as and what it should have been. */
    private record Difference(
            Key key, @Nullable Entry seen, @Nullable Version held) {
        boolean leaseOnly() {
            Cell cell = held == null ? null : held.cell();
            return seen != null
                    && cell != null
                    && seen.revision() == cell.entry().revision()
                    && seen.value().equals(cell.entry().value());
        }

        @Override
        public String toString() {
            Cell cell = held == null ? null : held.cell();
            return "'" + key + "' was seen "
                    + (seen == null ? "absent" : "at " + seen.revision() + (seen.leased() ? ", leased" : ""))
                    + " and should be "
                    + (cell == null
                            ? "absent"
                            : "at " + cell.entry().revision() + (cell.entry().leased() ? ", leased" : ""))
                    + (held == null ? "" : ", by " + held.by());
        }
    }

    private List<Difference> compare(Directory directory, List<Entry> entries, long revision) {
        int before;
        List<Difference> differences;
        do {
            // What is found to have been applied may have changed other keys, too.
            before = replay.revisionWriters().adopted();
            differences = compareOnce(directory, entries, revision);
        } while (differences.isEmpty() && replay.revisionWriters().adopted() > before);
        replay.evidence().confirm(directory, revision);
        return differences;
    }

    private List<Difference> compareOnce(Directory directory, List<Entry> entries, long revision) {
        List<Difference> differences = new ArrayList<>();
        Map<String, Entry> seen = new TreeMap<>();
        entries.forEach(entry -> seen.put(entry.key().path(), entry));
        Map<String, Cell> state = state(directory);
        // What is missing first: if a lease has ended, then for all of its keys.
        if (!seen.keySet().containsAll(state.keySet())) {
            for (Cell cell : List.copyOf(state.values())) {
                Key key = cell.entry().key();
                if (!seen.containsKey(key.path()) && replay.cell(key) != null) {
                    add(differences, compare(key, null, revision));
                }
            }
        }
        for (Entry entry : entries) {
            if (directory.covers(entry.key())) {
                add(differences, compare(entry.key(), entry, revision));
            }
        }
        return differences;
    }

    private static void add(List<Difference> differences, @Nullable Difference difference) {
        if (difference != null) {
            differences.add(difference);
        }
    }

    private @Nullable Difference compare(Key key, @Nullable Entry seen, long revision) {
        Cell cell = replay.cell(key);
        if (seen == null && cell != null && replay.mend(key, false, revision)) {
            return null;
        }
        boolean same = seen == null ? cell == null : cell != null && replay.isAsHeld(seen, cell);
        return same ? null : new Difference(key, seen, replay.versions().at(key, revision));
    }

    private Map<String, Cell> state(Directory directory) {
        return replay.state().subMap(directory.rangeStart(), directory.rangeEnd());
    }

    private static String show(List<Difference> differences) {
        Iterator<Difference> all = differences.iterator();
        StringBuilder text = new StringBuilder(all.next().toString());
        if (all.hasNext()) {
            text.append("; ").append(all.next());
        }
        return all.hasNext() ? text.append("; and more").toString() : text.toString();
    }

    private static List<Operation> writers(List<Difference> differences) {
        List<Operation> writers = new ArrayList<>();
        for (Difference difference : differences) {
            if (difference.held() != null && difference.held().writer() != null) {
                writers.add(difference.held().writer());
            }
        }
        return writers;
    }
}
