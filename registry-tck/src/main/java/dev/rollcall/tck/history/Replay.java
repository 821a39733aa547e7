package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Versions.Cell;
import dev.rollcall.tck.history.Versions.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Applies the writes of a record of writers revision by revision, and compares what was answered at each. */
final class Replay {
    private final RevisionWriters revisionWriters;
    private final Floors floors;
    private final Findings findings;
    private final Versions versions = new Versions();
    private final TreeMap<String, Cell> state = new TreeMap<>();
    private final TreeMap<Long, List<Operation>> reads = new TreeMap<>();
    private final TreeMap<Long, List<WatchLog>> snapshots = new TreeMap<>();
    private final TreeMap<Long, List<Told>> told = new TreeMap<>();
    /** The keys that were put at a revision. */
    private final TreeMap<Long, Set<Key>> put = new TreeMap<>();

    private final Evidence evidence = new Evidence();
    private final Set<Integer> guessed = new HashSet<>();
    private final ReadCheck check;
    private final SharedRevisions shared;
    private final QuietWrites quiet;

    /**
     * Changes that a watch was told, which lead from one cut to another: what is not among them was the same at both.
     *
     * @param after the revision of the cut before
     */
    private record Told(WatchLog watch, WatchLog.Delta delta, long after) {
        boolean tells(Key key) {
            return delta.items().stream().anyMatch(item -> item.key().equals(key));
        }
    }

    Replay(History history, RevisionWriters revisionWriters, Floors floors, Findings findings) {
        this.revisionWriters = revisionWriters;
        this.floors = floors;
        this.findings = findings;
        this.shared = new SharedRevisions(this);
        this.check = new ReadCheck(this, shared, floors, findings);
        this.quiet = new QuietWrites(this, shared, check, floors, findings);
        for (Operation operation : history.operations()) {
            if (operation.call().isRead() && operation.result().revisionOrNone() >= 0) {
                reads.computeIfAbsent(operation.result().revisionOrNone(), r -> new ArrayList<>())
                        .add(operation);
            }
        }
        history.watches().forEach(this::enter);
    }

    private void enter(WatchLog watch) {
        long position = watch.start() == WatchLog.Start.SNAPSHOT ? -1 : watch.after();
        for (WatchLog.Delivery delivery : watch.deliveries()) {
            if (delivery.signal() instanceof WatchLog.Whole whole) {
                snapshots
                        .computeIfAbsent(whole.revision(), r -> new ArrayList<>())
                        .add(watch);
                position = whole.revision();
            } else if (delivery.signal() instanceof WatchLog.Delta delta) {
                told.computeIfAbsent(delta.revision(), r -> new ArrayList<>()).add(new Told(watch, delta, position));
                position = delta.revision();
            }
        }
    }

    Versions run() {
        Set<Long> revisions = new TreeSet<>(revisionWriters.written());
        revisions.addAll(revisionWriters.quiet().keySet());
        revisions.addAll(revisionWriters.vanished().keySet());
        revisions.addAll(reads.keySet());
        revisions.addAll(snapshots.keySet());
        revisions.addAll(told.keySet());
        for (long revision : revisions) {
            revisionWriters.deletedAt(revision).forEach(key -> requirePresent(key, revision - 1));
            revisionWriters.vanished().getOrDefault(revision, Set.of()).forEach(key -> vanish(key, revision));
            List<Operation> writers = List.copyOf(revisionWriters.writers(revision));
            writers.forEach(writer -> requireConditions(writer, revision - 1));
            shared.require(writers, revision);
            writers.forEach(writer -> apply(writer, revision, false));
            quiet.replay(revisionWriters.quiet().getOrDefault(revision, List.of()), revision);
            reads.getOrDefault(revision, List.of()).forEach(check::read);
            snapshots.getOrDefault(revision, List.of()).forEach(watch -> check.snapshots(watch, revision));
            told.getOrDefault(revision, List.of()).forEach(this::requireNothingElse);
        }
        return versions;
    }

    /** What was seen to go had been there: if nobody saw it come, then somebody in doubt has put it. */
    private void requirePresent(Key key, long upTo) {
        if (cell(key) == null) {
            mend(key, true, upTo);
        }
    }

    /** What was put since the cut before and is not told has gone again: if nobody saw it go, by somebody in doubt or with its lease. */
    private void requireNothingElse(Told cut) {
        long revision = cut.delta().revision();
        if (cut.watch().start() == WatchLog.Start.HISTORY || cut.after() < 0 || cut.after() >= revision) {
            return;
        }
        Set<Key> changed = new TreeSet<>();
        put.subMap(cut.after(), false, revision, true).values().forEach(changed::addAll);
        for (Key key : changed) {
            if (cut.watch().directory().covers(key) && cell(key) != null && !cut.tells(key)) {
                mend(key, false, revision);
            }
        }
        if (cut.watch().start() == WatchLog.Start.SNAPSHOT) {
            evidence.confirm(cut.watch().directory(), revision);
        }
    }

    Versions versions() {
        return versions;
    }

    RevisionWriters revisionWriters() {
        return revisionWriters;
    }

    TreeMap<String, Cell> state() {
        return state;
    }

    Evidence evidence() {
        return evidence;
    }

    @Nullable
    Cell cell(Key key) {
        return state.get(key.path());
    }

    /** Whether the revision of an operation in doubt is one of several possible ones. */
    boolean isGuessed(Operation operation) {
        return guessed.contains(operation.id());
    }

    /** Whether the replay had to guess when a key was written by a revision, and before a deadline, or that a lease of it ended. */
    boolean isGuesswork(Key key, long upTo, long deadline) {
        for (Version version : versions.between(key, -1, upTo)) {
            if (version.guessed() || version.cell() != null && version.cell().lease() != null) {
                return true;
            }
        }
        return !isCertain(key, upTo, deadline);
    }

    /**
     * Whether an entry was seen as it was held. A write in doubt that nobody saw, since another followed, may have given the key a lease, which later puts
     * leave as it is, or taken it away; what was seen of the lease is then right for all that is known.
     */
    boolean isAsHeld(Entry seen, Cell held) {
        Entry entry = held.entry();
        if (seen.equals(entry)) {
            return true;
        }
        boolean leaseOnly = seen.equals(new Entry(entry.key(), entry.value(), entry.revision(), !entry.leased()));
        if (!leaseOnly || !revisionWriters.mayHaveBeenWrittenUnseen(seen.key(), seen.revision())) {
            return false;
        }
        findings.guess("a write in doubt may have decided whether '" + seen.key() + "' has a lease");
        return true;
    }

    private void vanish(Key key, long revision) {
        Cell cell = cell(key);
        if (cell != null && cell.lease() != null) {
            endLease(cell.lease(), revision, false);
            return;
        }
        Version last = versions.at(key, revision);
        if (last != null && last.revision() == revision && last.writer() == null) {
            return;
        }
        if (revisionWriters.mayHaveChanged(key, true, evidence.lastSeen(key), revision)) {
            findings.guess("the key '" + key + "', which went at " + revision + ", may have been put in doubt before");
        }
        Operation[] involved = cell == null ? new Operation[0] : new Operation[] {cell.writer()};
        String told = "the key '" + key + "' was deleted at revision " + revision + " for a watch, but ";
        if (last != null && last.cell() == null && last.writer() == null) {
            findings.violation(
                    "LEASE-3", told + "its lease had ended at revision " + last.revision() + " already", involved);
        } else {
            String why = cell == null ? "it was absent" : "it has no lease; it was written by " + cell.writer();
            findings.violation("WATCH-9", told + "nobody deleted it then, and " + why, involved);
        }
    }

    private void endLease(String lease, long revision, boolean guessed) {
        List<Cell> ended = state.values().stream()
                .filter(cell -> lease.equals(cell.lease()))
                .toList();
        for (Cell cell : ended) {
            Key key = cell.entry().key();
            state.remove(key.path());
            versions.add(new Version(key, revision, null, null, guessed));
            evidence.confirm(key, revision);
        }
    }

    void requireConditions(Operation operation, long revision) {
        Call.Commit commit = (Call.Commit) operation.call();
        for (Condition condition : commit.conditions()) {
            if (!holds(condition)) {
                mend(condition, revision);
            }
        }
        for (Condition condition : commit.conditions()) {
            // What made one of them true may have made another false.
            if (!holds(condition)) {
                Cell cell = cell(condition.key());
                Version last = versions.at(condition.key(), revision);
                String rule = ruleOf(commit, condition);
                findings.found(
                        isCertainlyBroken(operation, condition, revision),
                        rule,
                        operation + " was applied although '" + condition.key() + "' was "
                                + (cell == null
                                        ? "absent"
                                        : "at " + cell.entry().revision())
                                + (last == null ? " and never written" : ", made so by " + last.by()),
                        last == null || last.writer() == null
                                ? new Operation[] {operation}
                                : new Operation[] {operation, last.writer()});
            }
            evidence.confirm(condition.key(), revision);
        }
    }

    /** Whether an acknowledged write had overwritten what an acknowledged write tested, or its key was in no doubt: no guess can mend that. */
    private boolean isCertainlyBroken(Operation operation, Condition condition, long revision) {
        return !operation.isInDoubt()
                && ((Call.Commit) operation.call()).hasPut()
                && (condition instanceof Condition.RevisionIs expected
                                && revisionWriters.wasPut(condition.key(), expected.revision(), revision)
                        || isCertain(condition.key(), revision));
    }

    /** Whether the states of a key up to a revision depend on no guess. */
    boolean isCertain(Key key, long revision) {
        return isCertain(key, revision, Long.MAX_VALUE);
    }

    /**
     * Whether the states of a key up to a revision depend on no guess about what was called before a deadline. Where a deletion seems to have
     * left its key, something else was guessed wrongly.
     */
    private boolean isCertain(Key key, long upTo, long deadline) {
        return revisionWriters.isInNoDoubt(key, upTo, deadline)
                && revisionWriters
                        .idleDeletions(key, upTo)
                        .noneMatch(revision ->
                                versions.revisionAt(key, revision - 1) > 0 || versions.revisionAt(key, revision) > 0);
    }

    /** A condition on a revision that was overwritten is a lost update; one across a deletion is a matter of incarnations. */
    private String ruleOf(Call.Commit commit, Condition condition) {
        String rule = LinearizabilityJudge.rule(commit, new Result.Committed(0));
        if (rule.equals("WRITE-4") && condition instanceof Condition.RevisionIs expected) {
            for (Version version : versions.between(condition.key(), expected.revision(), Long.MAX_VALUE)) {
                if (version.cell() == null) {
                    return "WRITE-5";
                }
            }
        }
        return rule;
    }

    boolean holds(Condition condition) {
        Cell cell = cell(condition.key());
        return condition.holds(cell == null ? 0 : cell.entry().revision());
    }

    boolean mend(Condition condition, long revision) {
        return !(condition instanceof Condition.RevisionIs)
                && mend(condition.key(), condition instanceof Condition.Present, revision);
    }

    /**
     * Makes a key present, or absent, by {@code upTo}: lets an operation in doubt that nobody saw take effect, or a lease end, at a
     * revision after the key was last seen otherwise which nothing else has taken.
     */
    boolean mend(Key key, boolean present, long upTo) {
        Cell cell = cell(key);
        List<Operation> able = new ArrayList<>();
        long after = evidence.lastSeen(key);
        List<Operation> all = revisionWriters.candidates(key, present).stream()
                .filter(operation -> revisionWriters.mayHaveMade(operation, after, upTo))
                .toList();
        for (Operation operation : all) {
            Call.Commit commit = (Call.Commit) operation.call();
            if (commit.conditions().stream().allMatch(this::holds) && slot(operation, upTo) > 0) {
                able.add(operation);
            }
        }
        boolean leased = !present && cell != null && cell.lease() != null;
        if (all.size() > able.size()) {
            findings.guess("'" + key + "' may have been changed in doubt by " + all.get(0));
        }
        if (leased && cell != null && cell.lease() != null) {
            if (!all.isEmpty()) {
                findings.guess("'" + key + "' went by the end of its lease or by an operation in doubt");
            }
            long revision = findings.anyOf(Evidence.range(evidence.lastSeen(key), upTo, revisionWriters::isFree));
            if (revision > 0) {
                revisionWriters.vanished().put(revision, Set.of(key));
                endLease(cell.lease(), revision, true);
                return true;
            }
        }
        if (able.isEmpty()) {
            return false;
        }
        Operation operation = findings.choose(able, "that '" + key + "' was " + (present ? "present" : "absent"));
        long revision = slot(operation, upTo);
        if (!((Call.Commit) operation.call()).isSingleKey()) {
            // On one key, any moment since the key was last seen is as good as any other; on several it is not.
            findings.guess("nobody saw at which revision " + operation + " was applied");
        }
        revisionWriters.adopt(operation, revision);
        guessed.add(operation.id());
        apply(operation, revision, true);
        return true;
    }

    private long slot(Operation operation, long upTo) {
        long after = floors.anybody(operation).revision();
        for (Edit write : ((Call.Commit) operation.call()).writes()) {
            after = Math.max(after, evidence.lastSeen(write.key()));
        }
        for (Condition condition : ((Call.Commit) operation.call()).conditions()) {
            Version last = versions.at(condition.key(), upTo);
            after = Math.max(after, last == null ? 0 : last.revision());
        }
        return findings.anyOf(Evidence.range(
                after, upTo, revision -> revisionWriters.admits(operation, revision, versions.before(revision))));
    }

    private void apply(Operation operation, long revision, boolean guessed) {
        checkFloor(operation, revision);
        for (Edit write : ((Call.Commit) operation.call()).writes()) {
            Key key = write.key();
            Cell old = cell(key);
            if (write.value() == null) {
                if (old != null) {
                    state.remove(key.path());
                    versions.add(new Version(key, revision, null, operation, guessed));
                }
            } else {
                String lease = write.lease() != null ? write.lease() : old == null ? null : old.lease();
                Cell cell = new Cell(new Entry(key, write.value(), revision, lease != null), lease, operation);
                state.put(key.path(), cell);
                put.computeIfAbsent(revision, r -> new HashSet<>()).add(key);
                versions.add(new Version(key, revision, cell, operation, guessed));
            }
            evidence.confirm(key, revision);
        }
    }

    private void checkFloor(Operation operation, long revision) {
        Floors.Floor floor = floors.anybody(operation);
        if (revision > floor.revision()) {
            return;
        }
        String rule = floor.isWrite() ? "REV-1" : "REV-5";
        String message = operation + " was applied at revision " + revision + ", although before it was called "
                + floor.who() + " had told " + floor.revision();
        Operation[] involved = floor.operation() == null
                ? new Operation[] {operation}
                : new Operation[] {operation, floor.operation()};
        boolean certain = !operation.isInDoubt() && ((Call.Commit) operation.call()).hasPut();
        findings.found(certain, rule, message, involved);
    }

    void apply(Operation operation, long revision) {
        apply(operation, revision, false);
    }
}
