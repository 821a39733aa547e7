package dev.rollcall.kv;

/** The key was to be absent and is present. */
public final class KeyExistsException extends ConditionFailedException {
    private static final long serialVersionUID = 1L;

    KeyExistsException(Context context, Condition condition, long actualRevision) {
        super(
                context,
                condition,
                actualRevision,
                "the key '" + condition.key() + "' exists already, at revision " + actualRevision);
    }
}
