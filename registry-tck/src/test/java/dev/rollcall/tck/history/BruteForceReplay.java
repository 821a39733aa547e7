package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Tries every order and every revision that an operation in doubt may have got: the store's revision grows with each write, unless it
 * shares that of concurrent ones whose keys are none of its own, and no read tells a smaller one than the store has reached.
 */
final class BruteForceReplay {
    private final List<Operation> operations;
    private final boolean[] done;
    private final long last;
    private TreeMap<Key, Entry> state = new TreeMap<>();
    private long revision;
    /** Those that have made the revision so far, and whether somebody has seen it, so that nobody can join them any more. */
    private List<Maker> makers = List.of();

    private boolean closed;

    /** One that has made the present revision, and what it has changed. */
    private record Maker(Operation operation, Set<Key> changed) {}

    private BruteForceReplay(History history) {
        this.operations = history.operations();
        this.done = new boolean[operations.size()];
        long max = 0;
        for (Operation operation : operations) {
            max = Math.max(max, operation.result().revisionOrNone());
            if (operation.result() instanceof Result.ConditionFailed failed) {
                max = Math.max(max, failed.actualRevision());
            }
        }
        this.last = max + 1;
    }

    static boolean explains(History history) {
        return new BruteForceReplay(history).search();
    }

    private boolean search() {
        boolean complete = true;
        for (int i = 0; i < operations.size(); i++) {
            complete &= done[i] || operations.get(i).isInDoubt();
        }
        if (complete) {
            return true;
        }
        for (int i = 0; i < operations.size(); i++) {
            if (!done[i] && mayBeNext(i)) {
                done[i] = true;
                if (tryNext(operations.get(i))) {
                    return true;
                }
                done[i] = false;
            }
        }
        return false;
    }

    private boolean tryNext(Operation operation) {
        TreeMap<Key, Entry> stateBefore = state;
        long revisionBefore = revision;
        List<Maker> makersBefore = makers;
        boolean closedBefore = closed;
        for (long made : revisions(operation)) {
            if (fits(operation, made)) {
                apply(operation, made);
                if (search()) {
                    return true;
                }
                state = stateBefore;
                revision = revisionBefore;
                makers = makersBefore;
                closed = closedBefore;
            }
        }
        return false;
    }

    private boolean mayBeNext(int index) {
        for (int i = 0; i < operations.size(); i++) {
            if (!done[i] && i != index && operations.get(i).precedes(operations.get(index))) {
                return false;
            }
        }
        return true;
    }

    private List<Long> revisions(Operation operation) {
        if (operation.isInDoubt()) {
            List<Long> all = new ArrayList<>();
            for (long r = Math.max(revision, 1); r <= last; r++) {
                all.add(r);
            }
            return all;
        }
        return List.of(operation.isFailed() ? revision : operation.result().revisionOrNone());
    }

    private boolean changes(Call.Commit commit) {
        return commit.writes().stream().anyMatch(write -> !write.isDelete() || state.containsKey(write.key()));
    }

    private boolean fits(Operation operation, long made) {
        if (operation.result() instanceof Result.Got got && operation.call() instanceof Call.Get get) {
            Entry held = state.get(get.key());
            return made >= revision && (held == null ? got.entry() == null : held.equals(got.entry()));
        } else if (operation.result() instanceof Result.Listed listed) {
            return made >= revision && listed.entries().equals(List.copyOf(state.values()));
        } else if (operation.result() instanceof Result.KeysListed listed) {
            return made >= revision && listed.keys().equals(List.copyOf(state.keySet()));
        } else if (operation.call() instanceof Call.Commit commit) {
            if (operation.isFailed()) {
                return fails(commit, operation.result());
            }
            boolean held = commit.conditions().stream().allMatch(this::holds);
            return held
                    && (changes(commit)
                            ? made > revision || made == revision && mayJoin(operation)
                            : made >= revision && !operation.isInDoubt());
        }
        return true;
    }

    private boolean mayJoin(Operation operation) {
        return !closed
                && !makers.isEmpty()
                && makers.stream()
                        .noneMatch(maker -> maker.operation().precedes(operation) || clash(maker, made(operation)));
    }

    private static boolean clash(Maker one, Maker two) {
        return meet(one.changed(), touched(two.operation())) || meet(two.changed(), touched(one.operation()));
    }

    private static boolean meet(Set<Key> some, Set<Key> others) {
        return some.stream().anyMatch(others::contains);
    }

    /** An operation and what it would change now. */
    private Maker made(Operation operation) {
        Set<Key> changed = ((Call.Commit) operation.call())
                .writes().stream()
                        .filter(write -> !write.isDelete() || state.containsKey(write.key()))
                        .map(Edit::key)
                        .collect(Collectors.toSet());
        return new Maker(operation, changed);
    }

    private static Set<Key> touched(Operation operation) {
        Call.Commit commit = (Call.Commit) operation.call();
        Set<Key> keys = commit.writes().stream().map(Edit::key).collect(Collectors.toSet());
        commit.conditions().forEach(condition -> keys.add(condition.key()));
        return keys;
    }

    private boolean fails(Call.Commit commit, Result result) {
        if (!(result instanceof Result.ConditionFailed failed)) {
            return true;
        }
        for (int i = 0; i < failed.condition(); i++) {
            if (!holds(commit.conditions().get(i))) {
                return false;
            }
        }
        Condition condition = commit.conditions().get(failed.condition());
        return !holds(condition) && actual(condition) == failed.actualRevision();
    }

    private long actual(Condition condition) {
        Entry entry = state.get(condition.key());
        return entry == null ? 0 : entry.revision();
    }

    private boolean holds(Condition condition) {
        long actual = actual(condition);
        if (condition instanceof Condition.RevisionIs expected) {
            return actual == expected.revision();
        }
        return (condition instanceof Condition.Absent) == (actual == 0);
    }

    private void apply(Operation operation, long made) {
        if (operation.isFailed()) {
            closed = true;
            return;
        }
        boolean joins = made == revision;
        if (!joins) {
            makers = List.of();
        }
        closed = !(operation.call() instanceof Call.Commit change && changes(change));
        revision = made;
        if (!closed) {
            List<Maker> all = new ArrayList<>(makers);
            all.add(made(operation));
            makers = List.copyOf(all);
        }
        if (operation.call() instanceof Call.Commit commit) {
            Map<Key, Entry> next = new TreeMap<>(state);
            for (Edit write : commit.writes()) {
                if (write.value() == null) {
                    next.remove(write.key());
                } else {
                    next.put(write.key(), new Entry(write.key(), write.value(), made, false));
                }
            }
            state = new TreeMap<>(next);
        }
    }
}
