package dev.rollcall.etcd;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Why a member cannot be used.
 *
 * @param kind how to go on
 * @param reason a clause without a full stop and without a secret
 * @param cause what it stems from
 */
record Refusal(Kind kind, String reason, @Nullable Throwable cause) {
    /** The kinds, the more telling the later: of several members, the most telling is reported. */
    enum Kind {
        /** It may come back by itself: waiting makes sense. */
        UNREACHABLE,
        /** The same as the next, and waiting makes sense: for other members, or for certificates that are being replaced. */
        UNTRUSTED_NOW,
        /** The member and this client do not trust each other's certificates. */
        UNTRUSTED,
        /** The member serves, but not this user with a password that may change: waiting makes sense, for another password. */
        PASSWORD,
        /** It will not accept this client, however long one waits. */
        DENIED
    }

    /** Whether waiting is of no use. */
    boolean isFinal() {
        return kind == Kind.DENIED || kind == Kind.UNTRUSTED;
    }

    /** If this is a want of trust, the same as one that may pass, for {@code hope}, a clause; else this. */
    Refusal mayPass(String hope) {
        return kind == Kind.UNTRUSTED ? new Refusal(Kind.UNTRUSTED_NOW, reason + "; " + hope, cause) : this;
    }

    /** Whether all that is known is that no answer came in time. */
    boolean isSilence() {
        return cause instanceof StatusRuntimeException e && e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
    }

    /** Whether the member is to be left for another. */
    boolean blamesMember() {
        return kind == Kind.UNREACHABLE || kind == Kind.UNTRUSTED;
    }

    /** The failure of an operation that was not sent because of this. */
    KvException failure(Context context) {
        return switch (kind) {
            case UNREACHABLE, UNTRUSTED_NOW ->
                new UnavailableException(
                        context, Outcome.NOT_APPLIED, "no member of the store could be reached: " + reason, cause);
            case PASSWORD -> new UnavailableException(context, Outcome.NOT_APPLIED, reason, cause);
            case DENIED, UNTRUSTED -> new AccessDeniedException(context, reason, cause);
        };
    }
}
