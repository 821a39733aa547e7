package dev.rollcall.etcd;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Why a member cannot be used.
 *
 * @param kind what is to be done about it
 * @param reason a clause without a full stop and without a secret
 * @param cause what it stems from
 */
record Refusal(Kind kind, String reason, @Nullable Throwable cause) {
    /** The kinds, the more telling the later: of several members, the most telling is reported. */
    enum Kind {
        /** It may come back by itself: waiting makes sense. */
        UNREACHABLE,
        /** It will not accept this client, however long one waits. */
        DENIED
    }

    /** Whether waiting is of no use. */
    boolean isFinal() {
        return kind == Kind.DENIED;
    }

    /** The failure of an operation that was not sent because of this. */
    KvException failure(Context context) {
        return isFinal()
                ? new AccessDeniedException(context, reason, cause)
                : new UnavailableException(
                        context, Outcome.NOT_APPLIED, "no member of the store could be reached: " + reason, cause);
    }
}
