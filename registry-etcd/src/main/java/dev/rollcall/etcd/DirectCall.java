package dev.rollcall.etcd;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request to one member that belongs to no operation: it is sent at once or not at all, on the given connection, which may be in use or only a candidate.
 * If the member refuses the token, a new one is got on the same connection, and the request is sent once more. Confined to the {@link IoLoop}.
 */
final class DirectCall {
    private static final int MOST_TOKEN_RENEWALS = 2;

    private final IoLoop loop;
    private final Tokens tokens;

    DirectCall(IoLoop loop, Tokens tokens) {
        this.loop = loop;
        this.tokens = tokens;
    }

    /** Takes the answer, or what came instead of one. Runs on the loop. */
    interface Reply<A> {
        /**
         * The call has ended.
         *
         * @param refusal why no token could be had, or null
         * @param answered whether the status is the member's word
         */
        void ended(@Nullable Refusal refusal, Status status, boolean answered, @Nullable A answer);
    }

    /** No member has answered, and some have not said why. */
    void silent() {
        tokens.doubt();
    }

    /** Asks {@code connection}, for {@code patience} at most each time. */
    <Q, A> void ask(
            MemberConnection connection, MethodDescriptor<Q, A> method, Q question, Duration patience, Reply<A> reply) {
        if (tokens.isMissing()) {
            renew(connection, tokens.present(), method, question, patience, MOST_TOKEN_RENEWALS, reply);
        } else {
            ask(connection, method, question, patience, MOST_TOKEN_RENEWALS, reply);
        }
    }

    private <Q, A> void renew(
            MemberConnection connection,
            @Nullable String stale,
            MethodDescriptor<Q, A> method,
            Q question,
            Duration patience,
            int renewals,
            Reply<A> reply) {
        tokens.renew(connection, stale, patience, refusal -> {
            if (refusal == null) {
                ask(connection, method, question, patience, renewals - 1, reply);
            } else {
                reply.ended(refusal, Status.UNAUTHENTICATED, false, null);
            }
        });
    }

    private <Q, A> void ask(
            MemberConnection connection,
            MethodDescriptor<Q, A> method,
            Q question,
            Duration patience,
            int renewals,
            Reply<A> reply) {
        UnaryCall.CallTrace trace = new UnaryCall.CallTrace();
        String token = tokens.present();
        UnaryCall.start(
                connection,
                method,
                UnaryCall.within(patience, trace),
                token,
                question,
                (status, answer) -> loop.execute(() -> {
                    boolean stale =
                            trace.isAnswered() && (EtcdErrors.isStaleToken(status) || EtcdErrors.isAuthChanged(status));
                    if (stale && tokens.canRenew() && renewals > 0) {
                        renew(connection, token, method, question, patience, renewals, reply);
                    } else {
                        reply.ended(null, status, trace.isAnswered(), answer);
                    }
                }));
    }
}
