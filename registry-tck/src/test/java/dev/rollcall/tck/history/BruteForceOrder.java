package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tries every order, without memory and without cleverness; revisions are hidden as {@link LinearizabilityJudge} hides them. */
final class BruteForceOrder {
    private final List<Operation> operations;
    private final Sightings sightings;
    private final boolean[] done;
    private final Map<Key, Operation> state = new TreeMap<>();

    private BruteForceOrder(History history) {
        this.operations = history.operations();
        this.sightings = new Sightings(history);
        this.done = new boolean[operations.size()];
    }

    static boolean explains(History history) {
        return new BruteForceOrder(history).search();
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
            if (!done[i] && mayBeNext(i) && fits(operations.get(i))) {
                Map<Key, Operation> before = new HashMap<>(state);
                done[i] = true;
                apply(operations.get(i));
                if (search()) {
                    return true;
                }
                done[i] = false;
                state.clear();
                state.putAll(before);
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

    private boolean fits(Operation operation) {
        if (operation.result() instanceof Result.Got got && operation.call() instanceof Call.Get get) {
            return shows(get.key(), got.entry());
        } else if (operation.result() instanceof Result.Listed listed) {
            return listed.entries().size() == state.size()
                    && listed.entries().stream().allMatch(entry -> shows(entry.key(), entry));
        } else if (operation.result() instanceof Result.KeysListed listed) {
            return listed.keys().size() == state.size() && state.keySet().containsAll(listed.keys());
        } else if (operation.call() instanceof Call.Commit commit) {
            return fits(commit, operation.result());
        }
        return true;
    }

    private boolean shows(Key key, @Nullable Entry entry) {
        Operation writer = state.get(key);
        return entry == null ? writer == null : writer != null && entry.value().equals(valueOf(writer, key));
    }

    private static @Nullable String valueOf(Operation writer, Key key) {
        for (Edit write : ((Call.Commit) writer.call()).writes()) {
            if (write.key().equals(key)) {
                return write.value();
            }
        }
        throw new IllegalStateException();
    }

    private boolean fits(Call.Commit commit, Result result) {
        if (result instanceof Result.NotApplied) {
            return true;
        }
        for (int i = 0; i < commit.conditions().size(); i++) {
            Condition condition = commit.conditions().get(i);
            if (result instanceof Result.ConditionFailed failed && failed.condition() == i) {
                return mayFail(condition, failed.actualRevision());
            }
            if (!mayHold(condition)) {
                return false;
            }
        }
        return true;
    }

    private boolean mayHold(Condition condition) {
        Operation writer = state.get(condition.key());
        if (condition instanceof Condition.RevisionIs expected) {
            return writer != null && makers(expected).contains(writer);
        }
        return (condition instanceof Condition.Absent) == (writer == null);
    }

    private boolean mayFail(Condition condition, long actual) {
        Operation writer = state.get(condition.key());
        if (condition instanceof Condition.RevisionIs expected && expected.revision() == actual
                || (condition instanceof Condition.Absent) == (actual == 0)
                        && !(condition instanceof Condition.RevisionIs)) {
            return false;
        }
        return actual == 0
                ? writer == null
                : writer != null
                        && makers(new Condition.RevisionIs(condition.key(), actual))
                                .contains(writer);
    }

    private List<Operation> makers(Condition.RevisionIs expected) {
        List<Operation> known = new ArrayList<>();
        List<Operation> possible = new ArrayList<>();
        String seen = sightings.valueAt(expected.key(), expected.revision());
        for (Operation operation : operations) {
            if (!(operation.call() instanceof Call.Commit commit)) {
                continue;
            }
            for (Edit write : commit.writes()) {
                if (!write.key().equals(expected.key()) || write.value() == null) {
                    continue;
                }
                if (operation.result().equals(new Result.Committed(expected.revision()))) {
                    known.add(operation);
                } else if (operation.isInDoubt() && (seen == null || seen.equals(write.value()))) {
                    possible.add(operation);
                }
            }
        }
        return known.isEmpty() ? possible : known;
    }

    private void apply(Operation operation) {
        if (operation.call() instanceof Call.Commit commit && !operation.isFailed()) {
            for (Edit write : commit.writes()) {
                if (write.isDelete()) {
                    state.remove(write.key());
                } else {
                    state.put(write.key(), operation);
                }
            }
        }
    }
}
