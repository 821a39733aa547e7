package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.tck.history.Versions.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;

/**
 * Looks for a moment at which each answer without a revision was true: failed conditions, and names of children.
 *
 * <p>The moment lies between what had been acknowledged before the call and what was started after the return. Giving each answer the
 * earliest moment possible, in order of the calls, leaves the most room to the later ones.
 */
final class RevisionlessCheck {
    private final History history;
    private final Replay replay;
    private final Versions versions;
    private final Floors floors;
    private final Findings findings;
    private final long[] calls;
    private final long[] ceilings;
    /** The same, without what was guessed. */
    private final long[] certain;

    private record Placed(long deadline, long revision) {}

    RevisionlessCheck(History history, Replay replay, Floors floors, Findings findings) {
        this.history = history;
        this.replay = replay;
        this.versions = replay.versions();
        this.floors = floors;
        this.findings = findings;
        List<Operation> operations = history.operations();
        this.calls = new long[operations.size()];
        this.ceilings = new long[operations.size() + 1];
        this.certain = new long[operations.size() + 1];
        ceilings[operations.size()] = Long.MAX_VALUE;
        certain[operations.size()] = Long.MAX_VALUE;
        for (int i = operations.size() - 1; i >= 0; i--) {
            Operation operation = operations.get(i);
            long ceiling = ceiling(operation);
            calls[i] = operation.called().order();
            ceilings[i] = Math.min(ceilings[i + 1], ceiling);
            certain[i] = Math.min(certain[i + 1], certainCeiling(operation));
        }
    }

    /** The last revision at which the store can have been when an operation began that came to have a revision. */
    private long ceiling(Operation operation) {
        long revision = operation.result().revisionOrNone();
        if (operation.call().isRead()) {
            return revision < 0 || operation.call().isSequential() ? Long.MAX_VALUE : revision;
        }
        if (revision >= 0) {
            return replay.revisionWriters().writers(revision).contains(operation) ? revision - 1 : revision;
        }
        long adopted = replay.revisionWriters().adoptedAt(operation);
        return adopted == Long.MAX_VALUE ? adopted : adopted - 1;
    }

    /** The same, if it depends on no guess. */
    private long certainCeiling(Operation operation) {
        if (!replay.revisionWriters().isWitnessed(operation)) {
            return Long.MAX_VALUE;
        }
        boolean quiet = operation.call() instanceof Call.Commit commit && !commit.hasPut();
        return quiet && operation.result().revisionOrNone() >= 0
                ? operation.result().revisionOrNone()
                : ceiling(operation);
    }

    void run() {
        PriorityQueue<Placed> open = new PriorityQueue<>(Comparator.comparingLong(Placed::deadline));
        long reached = 0;
        for (Operation operation : history.operations()) {
            boolean placeable = operation.result() instanceof Result.ConditionFailed
                    || operation.result() instanceof Result.ChildrenListed;
            if (!placeable) {
                continue;
            }
            for (Placed first = open.peek();
                    first != null && first.deadline() < calls(operation);
                    first = open.peek()) {
                reached = Math.max(reached, first.revision());
                open.remove();
            }
            // What its own handle was told binds a failed condition as it does a read.
            long floor = Math.max(
                    0,
                    Math.max(
                            floors.linearizable(operation).revision(),
                            floors.own(operation).revision()));
            long from = Math.max(reached, floor);
            int next = firstCallAfter(operation.deadline());
            long upTo = ceilings[next];
            long revision = place(operation, from, upTo);
            if (revision < 0) {
                if (upTo < certain[next]) {
                    findings.guess("when what came after " + operation + " was applied");
                }
                accuse(operation, from, upTo, isCertainlyWrong(operation, floor, certain[next]));
            }
            if (revision >= 0) {
                open.add(new Placed(operation.deadline(), revision));
            }
        }
    }

    private static long calls(Operation operation) {
        return operation.called().order();
    }

    private int firstCallAfter(long deadline) {
        int index = Arrays.binarySearch(calls, deadline);
        return index < 0 ? -index - 1 : index;
    }

    private long place(Operation operation, long from, long upTo) {
        List<Iterable<Version>> changes = new ArrayList<>();
        if (operation.call() instanceof Call.Commit commit) {
            commit.conditions().forEach(condition -> changes.add(versions.between(condition.key(), from, upTo)));
        } else if (operation.call() instanceof Call.Children children) {
            changes.add(versions.below(children.directory()));
        }
        TreeSet<Long> moments = new TreeSet<>();
        moments.add(from);
        changes.forEach(some -> some.forEach(version -> moments.add(version.revision())));
        for (long moment : moments.tailSet(from)) {
            if (moment <= upTo && isTrue(operation, moment)) {
                return moment;
            }
        }
        return -1;
    }

    /** Whether an answer was true at no moment, whatever became of the operations in doubt. */
    private boolean isCertainlyWrong(Operation operation, long floor, long upTo) {
        if (operation.call() instanceof Call.Commit commit
                && operation.result() instanceof Result.ConditionFailed failed) {
            Condition refuted = commit.conditions().get(failed.condition());
            long actual = failed.actualRevision();
            if (refuted.holds(actual)
                    || actual > 0 && replay.revisionWriters().wasPut(refuted.key(), actual, floor)
                    || actual == 0
                            && replay.revisionWriters().mustBeThere(refuted.key(), floor, upTo, operation.deadline())) {
                return true;
            }
            return commit.conditions().subList(0, failed.condition() + 1).stream()
                            .noneMatch(condition -> replay.isGuesswork(condition.key(), upTo, operation.deadline()))
                    && place(operation, floor, upTo) < 0;
        }
        return false;
    }

    private boolean isTrue(Operation operation, long revision) {
        if (operation.call() instanceof Call.Commit commit
                && operation.result() instanceof Result.ConditionFailed failed) {
            for (int i = 0; i <= failed.condition(); i++) {
                Condition condition = commit.conditions().get(i);
                long actual = versions.revisionAt(condition.key(), revision);
                boolean asTold = i < failed.condition()
                        ? condition.holds(actual)
                        : actual == failed.actualRevision() && !condition.holds(actual);
                if (!asTold) {
                    return false;
                }
            }
            return true;
        }
        if (operation.call() instanceof Call.Children children
                && operation.result() instanceof Result.ChildrenListed listed) {
            KeyListing state = new KeyListing(
                    children.directory(),
                    List.copyOf(versions.stateAt(children.directory(), revision).keySet()),
                    revision);
            return state.children().equals(listed.names());
        }
        return true;
    }

    private void accuse(Operation operation, long from, long upTo, boolean certain) {
        String rule = "READ-7";
        List<Operation> involved = new ArrayList<>(List.of(operation));
        if (operation.call() instanceof Call.Commit commit) {
            rule = LinearizabilityJudge.rule(commit, operation.result());
            for (Condition condition : commit.conditions()) {
                if (replay.isGuesswork(condition.key(), upTo, operation.deadline())) {
                    findings.guess("when '" + condition.key() + "' was changed is not known");
                }
                Version version = versions.at(condition.key(), upTo);
                if (version != null && version.writer() != null) {
                    involved.add(version.writer());
                }
            }
        } else if (operation.call() instanceof Call.Children children) {
            LinearizabilityJudge.keys(history).stream()
                    .filter(children.directory()::covers)
                    .filter(key -> replay.isGuesswork(key, upTo, operation.deadline()))
                    .forEach(key -> findings.guess("when '" + key + "' was changed is not known"));
        }
        findings.found(
                certain,
                rule,
                operation + " was true at no revision from " + from + " to "
                        + (upTo == Long.MAX_VALUE ? "the end" : String.valueOf(upTo))
                        + ", between which the store was while it ran",
                involved.toArray(Operation[]::new));
    }
}
