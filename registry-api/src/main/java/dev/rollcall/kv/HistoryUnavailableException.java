package dev.rollcall.kv;

import org.jspecify.annotations.Nullable;

/** The store no longer has the history that a watch needs; list again and watch from there. */
public final class HistoryUnavailableException extends KvException {
    private static final long serialVersionUID = 1L;

    /** The watch owed what came after {@code revision}; {@code reason} says why it is lost. */
    public HistoryUnavailableException(Context context, long revision, String reason, @Nullable Throwable cause) {
        super(
                context,
                Outcome.NOT_APPLIED,
                false,
                "the changes after revision " + revision + " are no longer available, because " + reason,
                cause);
    }
}
