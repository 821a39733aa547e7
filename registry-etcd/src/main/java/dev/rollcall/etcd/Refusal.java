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
 * @param kind what is to be done about it
 * @param reason a clause without a full stop and without a secret
 * @param cause what it stems from
 */
record Refusal(Kind kind, String reason, @Nullable Throwable cause) {
    /** The kinds, the more telling the later: of several members, the most telling is reported. */
    enum Kind {
        /** It may come back by itself: waiting makes sense. */
        UNREACHABLE,
        /** The member and this client do not trust each other's certificates: final if no other member can be hoped for. */
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

    /** This reason, as that of a store of which other members may come back: waiting makes sense. */
    Refusal whileOthersAreAway() {
        return new Refusal(Kind.UNREACHABLE, reason + "; other members cannot be reached", cause);
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
            case UNREACHABLE ->
                new UnavailableException(
                        context, Outcome.NOT_APPLIED, "no member of the store could be reached: " + reason, cause);
            case PASSWORD -> new UnavailableException(context, Outcome.NOT_APPLIED, reason, cause);
            case DENIED, UNTRUSTED -> new AccessDeniedException(context, reason, cause);
        };
    }
}
