package dev.rollcall.etcd;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A question to one member that is no operation's: it goes out now or never, by the link that is given, whether that is in use or only a
 * candidate. If the member refuses its token, a new one is got by the same link, and the question asked once more. Confined to the
 * {@link IoLoop}.
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

    /** Asks {@code link}, for {@code patience} at most each time. */
    <Q, A> void ask(Link link, MethodDescriptor<Q, A> method, Q question, Duration patience, Reply<A> reply) {
        if (tokens.isMissing()) {
            renew(link, null, method, question, patience, MOST_TOKEN_RENEWALS, reply);
        } else {
            ask(link, method, question, patience, MOST_TOKEN_RENEWALS, reply);
        }
    }

    private <Q, A> void renew(
            Link link,
            @Nullable String stale,
            MethodDescriptor<Q, A> method,
            Q question,
            Duration patience,
            int renewals,
            Reply<A> reply) {
        tokens.renew(link, stale, patience, refusal -> {
            if (refusal == null) {
                ask(link, method, question, patience, renewals - 1, reply);
            } else {
                reply.ended(refusal, Status.UNAUTHENTICATED, false, null);
            }
        });
    }

    private <Q, A> void ask(
            Link link, MethodDescriptor<Q, A> method, Q question, Duration patience, int renewals, Reply<A> reply) {
        UnaryCall.Journey journey = new UnaryCall.Journey();
        String token = tokens.present();
        UnaryCall.start(
                link,
                method,
                UnaryCall.within(patience, journey),
                token,
                question,
                (status, answer) -> loop.execute(() -> {
                    boolean stale = journey.isAnswered()
                            && (EtcdErrors.isStaleToken(status) || EtcdErrors.isAuthChanged(status));
                    if (stale && tokens.canRenew() && renewals > 0) {
                        renew(link, token, method, question, patience, renewals, reply);
                    } else {
                        reply.ended(null, status, journey.isAnswered(), answer);
                    }
                }));
    }
}
