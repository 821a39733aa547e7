package dev.rollcall.kv;

/** The key was to be present and is absent. */
public final class KeyNotFoundException extends ConditionFailedException {
    private static final long serialVersionUID = 1L;

    KeyNotFoundException(Context context, Condition condition) {
        super(context, condition, 0, "the key '" + condition.key() + "' does not exist");
    }
}
