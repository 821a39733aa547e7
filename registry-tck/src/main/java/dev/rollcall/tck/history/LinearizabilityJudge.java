package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for an order of the operations that explains what every client saw, without believing any revision: the independent judge for
 * small histories, about five clients with 200 operations on each key. Sequential reads, {@code children} and watches are left to {@link
 * ReplayJudge}.
 *
 * <p>{@link #perKey} judges each key by itself, which is legal for operations on one key (linearizability is local) and lenient towards
 * those on several; {@link #whole} judges all keys together, exactly, and takes exponential time in the worst case.
 */
public final class LinearizabilityJudge implements Judge {
    private final boolean together;
    private final Duration limit;

    private LinearizabilityJudge(boolean together, Duration limit) {
        this.together = together;
        this.limit = requireNonNull(limit, "limit");
    }

    /** Judges each key by itself, and is undecided after {@code limit}. */
    public static LinearizabilityJudge perKey(Duration limit) {
        return new LinearizabilityJudge(false, limit);
    }

    /** Judges all keys together, and is undecided after {@code limit}. */
    public static LinearizabilityJudge whole(Duration limit) {
        return new LinearizabilityJudge(true, limit);
    }

    @Override
    public Verdict judge(History history) {
        Sightings sightings = new Sightings(history);
        List<Violation> violations = new ArrayList<>(Origins.judge(history));
        Set<Key> keys = keys(history);
        long giveUpAt = System.nanoTime() + limit.toNanos();
        boolean gaveUp = false;
        int steps = 0;
        for (List<Key> part : parts(keys)) {
            List<Step> made = new Steps(history, part, sightings).make();
            steps += made.size();
            OrderSearch search = new OrderSearch(made, part.size(), giveUpAt);
            OrderSearch.Outcome outcome = search.run();
            gaveUp |= outcome == OrderSearch.Outcome.GAVE_UP;
            if (outcome == OrderSearch.Outcome.IMPOSSIBLE && violations.isEmpty()) {
                violations.add(explain(part, search, made.size()));
            }
        }
        if (!violations.isEmpty()) {
            return new Verdict(Verdict.Kind.VIOLATION, violations, "no order explains the history");
        }
        return gaveUp
                ? new Verdict(Verdict.Kind.UNDECIDED, List.of(), "no order was found or ruled out within " + limit)
                : Verdict.ok("an order of " + steps + " steps on " + keys.size() + " keys explains the history");
    }

    private List<List<Key>> parts(Set<Key> keys) {
        return together
                ? List.of(List.copyOf(keys))
                : keys.stream().map(List::of).toList();
    }

    private static Violation explain(List<Key> part, OrderSearch search, int steps) {
        Operation obstacle = requireNonNull(search.obstacle(), "obstacle");
        String where = part.size() == 1 ? "the key '" + part.get(0) + "'" : part.size() + " keys";
        return Violation.of(
                rule(obstacle),
                "no order of the " + steps + " operations on " + where + " explains every answer; the longest explains "
                        + search.deepest() + " and then needs " + obstacle,
                List.of(obstacle));
    }

    private static String rule(Operation obstacle) {
        if (!(obstacle.call() instanceof Call.Commit commit)) {
            return "READ-1";
        }
        return rule(commit, obstacle.result());
    }

    /** The rule about the condition that does not fit. */
    static String rule(Call.Commit commit, Result result) {
        if (!commit.isSingleKey()) {
            return result instanceof Result.ConditionFailed ? "TXN-2" : "TXN-3";
        }
        if (commit.conditions().isEmpty()) {
            return "WRITE-1";
        }
        Condition condition = commit.conditions().get(0);
        if (condition instanceof Condition.RevisionIs) {
            return "WRITE-4";
        }
        return condition instanceof Condition.Absent ? "WRITE-2" : "WRITE-3";
    }

    static Set<Key> keys(History history) {
        Set<Key> keys = new TreeSet<>();
        for (Operation operation : history.operations()) {
            if (operation.call() instanceof Call.Get get) {
                keys.add(get.key());
            } else if (operation.call() instanceof Call.Commit commit) {
                commit.writes().forEach(write -> keys.add(write.key()));
                commit.conditions().forEach(condition -> keys.add(condition.key()));
            }
            Sightings.forEachEntry(operation, (reader, entry) -> keys.add(entry.key()));
            if (operation.result() instanceof Result.KeysListed listed) {
                keys.addAll(listed.keys());
            }
        }
        return new LinkedHashSet<>(keys);
    }
}
