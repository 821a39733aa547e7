package dev.rollcall.tck.history;

import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
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
    /** Which of these a failed search for an order names depends on where it got stuck, which changes with every cut. */
    private static final Set<String> OF_ORDER =
            Set.of("READ-1", "WRITE-1", "WRITE-2", "WRITE-3", "WRITE-4", "TXN-2", "TXN-3");

    private final Judge judge;
    private final String rule;
    /** Rules broken elsewhere in what is left; a part that breaks yet another one was cut wrongly. */
    private Set<String> others;

    private SmallestFailure(Judge judge, List<Violation> violations) {
        this.judge = judge;
        this.rule = violations.get(0).rule();
        this.others = violations.stream().map(Violation::rule).collect(Collectors.toSet());
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
        return new SmallestFailure(judge, verdict.violations()).shrink(history);
    }

    private boolean fails(History history) {
        Verdict verdict = judge.judge(history);
        Set<String> rules = verdict.violations().stream().map(Violation::rule).collect(Collectors.toSet());
        boolean same = rules.contains(rule) && others.containsAll(rules);
        boolean alike = OF_ORDER.contains(rule) && OF_ORDER.containsAll(rules);
        boolean still = verdict.kind() == Verdict.Kind.VIOLATION && (same || alike);
        others = still ? rules : others;
        return still;
    }

    private History shrink(History history) {
        History smallest = history;
        int size;
        do {
            size = size(smallest);
            smallest = withoutWatches(smallest);
            smallest = withoutKeys(smallest);
            for (int i = 0; i < smallest.watches().size(); i++) {
                smallest = withoutEnd(smallest, i);
                smallest = withoutBeginning(smallest, i);
            }
            smallest = withoutOperations(smallest);
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
        return fails(smaller) && fails(doubted) ? smaller : history;
    }

    private static boolean writes(Operation operation) {
        return !operation.call().isRead() && !(operation.result() instanceof Result.ConditionFailed);
    }

    /** Leaves out what a watch was told last, unless that is where it fails. */
    private History withoutEnd(History history, int index) {
        return cut(history, index, (watch, count) -> {
            int left = watch.deliveries().size() - count;
            return watch.withDeliveries(watch.deliveries().subList(0, left));
        });
    }

    /** Lets a watch start later, after a signal that left it in the right state if any did. */
    private History withoutBeginning(History history, int index) {
        return cut(history, index, (watch, count) -> {
            Moment opened = watch.deliveries().get(count - 1).at();
            WatchLog.Signal last = watch.deliveries().get(count - 1).signal();
            long position = last instanceof WatchLog.Whole whole
                    ? whole.revision()
                    : last instanceof WatchLog.Delta delta ? delta.revision() : watch.after();
            return new WatchLog(
                    watch.id(),
                    watch.client(),
                    watch.directory(),
                    watch.start() == WatchLog.Start.SNAPSHOT ? WatchLog.Start.AFTER : watch.start(),
                    position,
                    opened,
                    watch.closed(),
                    watch.owed(),
                    watch.deliveries().subList(count, watch.deliveries().size()));
        });
    }

    private History cut(History history, int index, BiFunction<WatchLog, Integer, WatchLog> shorten) {
        History smallest = history;
        for (int count = history.watches().get(index).deliveries().size(); count > 0; ) {
            WatchLog watch = smallest.watches().get(index);
            int possible = Math.min(count, watch.deliveries().size());
            if (possible == 0) {
                break;
            }
            List<WatchLog> watches = new ArrayList<>(smallest.watches());
            watches.set(index, shorten.apply(watch, possible));
            History smaller = smallest.withWatches(watches);
            if (fails(smaller)) {
                smallest = smaller;
            } else {
                count = possible / 2;
            }
        }
        return smallest;
    }
}
