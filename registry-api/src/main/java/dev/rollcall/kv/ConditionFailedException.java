package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.OptionalLong;

/** A transaction was not applied because a condition did not hold: the first one that did not, in the transaction's order. */
public abstract sealed class ConditionFailedException extends KvException
        permits KeyExistsException, KeyNotFoundException, RevisionMismatchException {
    private static final long serialVersionUID = 1L;

    private final transient Condition condition;
    private final long actualRevision;

    ConditionFailedException(Context context, Condition condition, long actualRevision, String reason) {
        super(context, Outcome.NOT_APPLIED, false, reason, null);
        this.condition = requireNonNull(condition, "condition");
        this.actualRevision = actualRevision;
    }

    /**
     * Makes the exception that belongs to {@code condition}.
     *
     * @param actualRevision the revision at which the condition's key was found, or 0 if it was found absent
     * @throws IllegalArgumentException if the condition holds for that revision
     */
    public static ConditionFailedException of(Context context, Condition condition, long actualRevision) {
        if (condition.holds(actualRevision)) {
            throw new IllegalArgumentException(condition + " holds at revision " + actualRevision + ".");
        }
        if (condition instanceof Condition.RevisionIs expected) {
            return new RevisionMismatchException(context, expected, actualRevision);
        }
        return condition instanceof Condition.Absent
                ? new KeyExistsException(context, condition, actualRevision)
                : new KeyNotFoundException(context, condition);
    }

    /** The condition that did not hold. */
    public Condition condition() {
        return condition;
    }

    /** The revision at which the key was found instead, or empty if it was found absent. */
    public OptionalLong actualRevision() {
        return actualRevision == 0 ? OptionalLong.empty() : OptionalLong.of(actualRevision);
    }
}
