package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Step.Effect;
import dev.rollcall.tck.history.Step.Test;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * Makes the steps of a history, as far as they concern some keys.
 *
 * <p>A transaction or list over more keys is cut down to these. What is cut down happened at one moment, so it still has to fit: a
 * violation among the steps is one of the history, while torn transactions may go unnoticed unless all keys are taken together.
 *
 * <p>Revisions are hidden, except that a condition on a revision stands for "last written by the step which that revision was reported
 * for". Where several steps in doubt may have made the revision, or none that is known, every one of them will do: this can only excuse,
 * never accuse.
 */
final class Steps {
    private static final IntPredicate ABSENT = writer -> writer == 0;
    private static final IntPredicate PRESENT = writer -> writer != 0;

    private final List<Key> keys;
    private final List<Operation> operations;
    private final Sightings sightings;
    private final Map<Key, Integer> slots = new HashMap<>();
    /** The numbers of the steps that set a key to a value. */
    private final Map<Key, Map<String, BitSet>> writers = new HashMap<>();

    Steps(History history, List<Key> keys, Sightings sightings) {
        this.keys = keys;
        this.operations = history.operations();
        this.sightings = sightings;
        for (Key key : keys) {
            slots.put(key, slots.size());
            writers.put(key, new HashMap<>());
        }
        for (int i = 0; i < operations.size(); i++) {
            if (operations.get(i).call() instanceof Call.Commit commit
                    && !operations.get(i).isFailed()) {
                number(commit, i + 1);
            }
        }
    }

    private void number(Call.Commit commit, int number) {
        for (Edit write : commit.writes()) {
            Map<String, BitSet> byValue = writers.get(write.key());
            if (byValue != null && write.value() != null) {
                byValue.computeIfAbsent(write.value(), value -> new BitSet()).set(number);
            }
        }
    }

    /** The steps, in order of their calls; operations that tell nothing about the keys have none. */
    List<Step> make() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            Step step = new Step(operation, tests(operation), effects(operation, i + 1));
            boolean tellsNothing = operation.isInDoubt()
                    ? step.isReadOnly()
                    : step.isReadOnly() && step.tests().isEmpty();
            if (!tellsNothing) {
                steps.add(step);
            }
        }
        return steps;
    }

    private List<Effect> effects(Operation operation, int number) {
        List<Effect> effects = new ArrayList<>();
        if (operation.call() instanceof Call.Commit commit && !operation.isFailed()) {
            for (Edit write : commit.writes()) {
                Integer slot = slots.get(write.key());
                if (slot != null) {
                    effects.add(new Effect(slot, write.isDelete() ? 0 : number));
                }
            }
        }
        return effects;
    }

    private List<Test> tests(Operation operation) {
        List<Test> tests = new ArrayList<>();
        if (operation.call() instanceof Call.Commit commit) {
            addConditions(tests, commit, operation.result());
        } else if (!operation.call().isSequential()) {
            addRead(tests, operation);
        }
        return tests;
    }

    private void addConditions(List<Test> tests, Call.Commit commit, Result result) {
        if (result instanceof Result.NotApplied) {
            return;
        }
        for (int i = 0; i < commit.conditions().size(); i++) {
            Condition condition = commit.conditions().get(i);
            if (result instanceof Result.ConditionFailed failed && failed.condition() == i) {
                add(tests, condition.key(), refuted(condition, failed.actualRevision()));
                return;
            }
            add(tests, condition.key(), held(condition));
        }
    }

    private void addRead(List<Test> tests, Operation operation) {
        if (operation.result() instanceof Result.Got got && operation.call() instanceof Call.Get get) {
            add(
                    tests,
                    get.key(),
                    got.entry() == null
                            ? ABSENT
                            : hasValue(get.key(), got.entry().value()));
        } else if (operation.result() instanceof Result.Listed listed
                && operation.call() instanceof Call.Entries list) {
            Map<Key, IntPredicate> seen = new HashMap<>();
            listed.entries().forEach(entry -> seen.put(entry.key(), hasValue(entry.key(), entry.value())));
            keys.stream()
                    .filter(list.directory()::covers)
                    .forEach(key -> add(tests, key, seen.getOrDefault(key, ABSENT)));
        } else if (operation.result() instanceof Result.KeysListed listed
                && operation.call() instanceof Call.Keys list) {
            keys.stream()
                    .filter(list.directory()::covers)
                    .forEach(key -> add(tests, key, listed.keys().contains(key) ? PRESENT : ABSENT));
        }
    }

    private void add(List<Test> tests, Key key, IntPredicate allowed) {
        Integer slot = slots.get(key);
        if (slot != null) {
            tests.add(new Test(slot, allowed));
        }
    }

    private IntPredicate held(Condition condition) {
        if (condition instanceof Condition.RevisionIs expected) {
            return slots.containsKey(expected.key()) ? makers(expected)::get : PRESENT;
        }
        return condition instanceof Condition.Absent ? ABSENT : PRESENT;
    }

    /**
     * What a condition that failed has found. That it found nothing is believed as it is; that it found a revision means that its key was last
     * written by a step which may have made that revision.
     */
    private IntPredicate refuted(Condition condition, long actual) {
        if (condition.holds(actual)) {
            return writer -> false;
        }
        return actual == 0 ? ABSENT : held(new Condition.RevisionIs(condition.key(), actual));
    }

    private IntPredicate hasValue(Key key, String value) {
        BitSet found = byValue(key).get(value);
        return found == null ? writer -> false : found::get;
    }

    /** The steps that may have written a key at a revision. */
    private BitSet makers(Condition.RevisionIs expected) {
        BitSet committed = new BitSet();
        BitSet inDoubt = new BitSet();
        String seen = sightings.valueAt(expected.key(), expected.revision());
        for (Map.Entry<String, BitSet> candidates : byValue(expected.key()).entrySet()) {
            candidates.getValue().stream().forEach(number -> {
                Operation operation = operations.get(number - 1);
                if (operation.result() instanceof Result.Committed commit) {
                    committed.set(number, committed.get(number) || commit.revision() == expected.revision());
                } else if (seen == null || Objects.equals(seen, candidates.getKey())) {
                    inDoubt.set(number);
                }
            });
        }
        return committed.isEmpty() ? inDoubt : committed;
    }

    private Map<String, BitSet> byValue(Key key) {
        return writers.getOrDefault(key, Map.of());
    }
}
