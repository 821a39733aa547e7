package dev.rollcall.kv;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** No answer came within the operation's deadline; {@link #outcome()} tells whether it may still be applied. */
public final class DeadlineExceededException extends KvException {
    private static final long serialVersionUID = 1L;

    /** The deadline was {@code timeout} after the call; {@code detail} is a clause that says what was waited for. */
    public DeadlineExceededException(
            Context context, Outcome outcome, Duration timeout, String detail, @Nullable Throwable cause) {
        super(context, outcome, true, "no answer came within " + timeout.toMillis() + " ms, " + detail, cause);
    }
}
