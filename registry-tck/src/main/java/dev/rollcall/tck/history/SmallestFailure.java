package dev.rollcall.tck.history;

import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Cuts a history down to a small part that breaks the same rule, for people to read; after A. Zeller and R. Hildebrandt, "Simplifying and
 * isolating failure-inducing input" (2002).
 *
 * <p>What is left is a failure of the whole: reads, watches and whole keys may be left out of any history without making it wrong, but a
 * write may not, for somebody may have seen it. So a write is left out only if the rule is still broken with its outcome in doubt, that
 * is, whether or not it took effect.
 */
public final class SmallestFailure {
    private final Judge judge;
    private final String rule;

    private SmallestFailure(Judge judge, String rule) {
        this.judge = judge;
        this.rule = rule;
    }

    /**
     * The smallest part found.
     *
     * @param history a history
     * @param judge finds a violation in it
     * @return the part, or {@code history} itself if {@code judge} finds no violation
     */
    public static History of(History history, Judge judge) {
        Verdict verdict = judge.judge(history);
        if (verdict.kind() != Verdict.Kind.VIOLATION) {
            return history;
        }
        return new SmallestFailure(judge, verdict.violations().get(0).rule()).shrink(history);
    }

    private boolean fails(History history) {
        Verdict verdict = judge.judge(history);
        return verdict.kind() == Verdict.Kind.VIOLATION
                && verdict.violations().stream()
                        .allMatch(violation -> violation.rule().equals(rule));
    }

    private History shrink(History history) {
        History smallest = history;
        int size;
        do {
            size = size(smallest);
            smallest = withoutWatches(smallest);
            smallest = withoutKeys(smallest);
            smallest = withoutOperations(smallest);
            smallest = withoutDeliveries(smallest);
        } while (size(smallest) < size);
        return smallest;
    }

    private static int size(History history) {
        return history.operations().size()
                + history.watches().size()
                + history.watches().stream()
                        .mapToInt(watch -> watch.deliveries().size())
                        .sum();
    }

    private History withoutWatches(History history) {
        History smallest = history;
        for (WatchLog watch : history.watches()) {
            List<WatchLog> others = new ArrayList<>(smallest.watches());
            others.remove(watch);
            History smaller = smallest.withWatches(others);
            smallest = fails(smaller) ? smaller : smallest;
        }
        return smallest;
    }

    private History withoutKeys(History history) {
        History smallest = history;
        for (Key key : LinearizabilityJudge.keys(history)) {
            History smaller = Projection.without(smallest, Set.of(key));
            smallest = fails(smaller) ? smaller : smallest;
        }
        return smallest;
    }

    /** Leaves out more and more smaller runs of operations. */
    private History withoutOperations(History history) {
        History smallest = history;
        for (int chunk = Math.max(1, history.operations().size() / 2); chunk > 0; chunk /= 2) {
            for (int from = 0; from < smallest.operations().size(); ) {
                int to = Math.min(smallest.operations().size(), from + chunk);
                History smaller = without(smallest, smallest.operations().subList(from, to));
                if (smaller.equals(smallest)) {
                    from = to;
                } else {
                    smallest = smaller;
                }
            }
        }
        return smallest;
    }

    private History without(History history, List<Operation> left) {
        Set<Integer> ids = left.stream().map(Operation::id).collect(Collectors.toSet());
        History doubted = history.map(operation -> ids.contains(operation.id()) && writes(operation)
                ? operation.withResult(new Result.Unknown("left out"))
                : operation);
        doubted = doubted.filter(operation -> !ids.contains(operation.id()) || writes(operation));
        History smaller = history.filter(operation -> !ids.contains(operation.id()));
        return fails(doubted) && fails(smaller) ? smaller : history;
    }

    private static boolean writes(Operation operation) {
        return !operation.call().isRead() && !(operation.result() instanceof Result.ConditionFailed);
    }

    /** Leaves out what a watch was told last, unless that is where it fails. */
    private History withoutDeliveries(History history) {
        History smallest = history;
        for (int i = 0; i < history.watches().size(); i++) {
            for (boolean more = true; more; ) {
                WatchLog watch = smallest.watches().get(i);
                more = false;
                if (!watch.deliveries().isEmpty()) {
                    List<WatchLog> watches = new ArrayList<>(smallest.watches());
                    watches.set(
                            i,
                            watch.withDeliveries(watch.deliveries()
                                    .subList(0, watch.deliveries().size() - 1)));
                    History smaller = smallest.withWatches(watches);
                    more = fails(smaller);
                    smallest = more ? smaller : smallest;
                }
            }
        }
        return smallest;
    }
}
