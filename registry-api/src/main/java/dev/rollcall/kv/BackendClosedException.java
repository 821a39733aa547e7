package dev.rollcall.kv;

/** The handle was closed, before or during the operation. */
public final class BackendClosedException extends KvException {
    private static final long serialVersionUID = 1L;

    /** The outcome is unknown for a write that was on its way. */
    public BackendClosedException(Context context, Outcome outcome) {
        super(context, outcome, false, "the backend has been closed", null);
    }
}
