package dev.rollcall.tck.history;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Key;
import java.util.function.Predicate;

/**
 * Which transactions may share a revision (REV-2): those of which none changes a key that another changes or tests, so that their order
 * makes no difference.
 *
 * <p>A put changes its key. A deletion does so if it finds it; one that finds nothing tests that its key is absent.
 */
final class Sharing {
    /** Nothing is known about which keys were there; what is forbidden then is forbidden in any case. */
    static final Predicate<Key> UNKNOWN = key -> false;

    private Sharing() {}

    /**
     * Whether two transactions cannot have made one revision together.
     *
     * @param before which keys were there before that revision
     */
    static boolean isForbidden(Operation one, Operation two, Predicate<Key> before) {
        return one.equals(two)
                || disturbs(commit(one), commit(two), before)
                || disturbs(commit(two), commit(one), before);
    }

    private static boolean disturbs(Call.Commit writer, Call.Commit other, Predicate<Key> before) {
        return writer.writes().stream()
                .anyMatch(write -> touches(other, write.key()) && changes(writer, write, before));
    }

    private static boolean changes(Call.Commit commit, Edit write, Predicate<Key> before) {
        return !write.isDelete() || before.test(write.key()) || requires(commit, write.key());
    }

    private static boolean touches(Call.Commit commit, Key key) {
        return commit.writes().stream().anyMatch(write -> write.key().equals(key))
                || commit.conditions().stream()
                        .anyMatch(condition -> condition.key().equals(key));
    }

    /** Whether a transaction was applied only if a key was there. */
    private static boolean requires(Call.Commit commit, Key key) {
        return commit.conditions().stream()
                .anyMatch(condition -> !(condition instanceof Condition.Absent)
                        && condition.key().equals(key));
    }

    /** What requires a key and deletes it cannot have found nothing to do. */
    static boolean mustHaveChanged(Operation operation) {
        Call.Commit commit = commit(operation);
        return commit.writes().stream().anyMatch(write -> write.isDelete() && requires(commit, write.key()));
    }

    private static Call.Commit commit(Operation operation) {
        return (Call.Commit) operation.call();
    }
}
