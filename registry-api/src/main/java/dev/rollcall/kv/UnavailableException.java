package dev.rollcall.kv;

import org.jspecify.annotations.Nullable;

/** The store could not be reached, or the connection broke before the answer came; {@link #outcome()} tells which. */
public final class UnavailableException extends KvException {
    private static final long serialVersionUID = 1L;

    /** {@code reason} is a clause without a full stop. */
    public UnavailableException(Context context, Outcome outcome, String reason, @Nullable Throwable cause) {
        super(context, outcome, true, reason, cause);
    }
}
