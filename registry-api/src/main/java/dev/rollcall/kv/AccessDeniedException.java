package dev.rollcall.kv;

import org.jspecify.annotations.Nullable;

/** The store refuses this client: wrong credentials, a certificate that is not accepted, or no permission for the key. */
public final class AccessDeniedException extends KvException {
    private static final long serialVersionUID = 1L;

    /** {@code reason} is a clause without a full stop and without a secret. */
    public AccessDeniedException(Context context, String reason, @Nullable Throwable cause) {
        super(context, Outcome.NOT_APPLIED, false, reason, cause);
    }
}
