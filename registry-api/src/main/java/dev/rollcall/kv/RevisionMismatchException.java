package dev.rollcall.kv;

/** The key was to be at one revision and is at another, or absent. */
public final class RevisionMismatchException extends ConditionFailedException {
    private static final long serialVersionUID = 1L;

    private final long expectedRevision;

    RevisionMismatchException(Context context, Condition.RevisionIs condition, long actualRevision) {
        super(
                context,
                condition,
                actualRevision,
                "the key '" + condition.key() + "' was expected at revision " + condition.revision()
                        + (actualRevision == 0 ? " but does not exist" : " but is at revision " + actualRevision));
        this.expectedRevision = condition.revision();
    }

    /** The revision that the caller expected. */
    public long expectedRevision() {
        return expectedRevision;
    }
}
