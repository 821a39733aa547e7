package dev.rollcall.etcd;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import dev.rollcall.kv.support.Durations;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the request of one operation, or of several that share it, once: with the present token, under a deadline, by a connection that is given. Whether it is
 * sent again is {@link RequestDispatcher}'s to decide. Confined to the {@link IoLoop}.
 */
final class EtcdTransport {
    private static final Duration LONGEST_MARGIN = Duration.ofMillis(250);

    private final IoLoop loop;
    private final Tokens tokens;
    private final Duration timeout;
    private final Duration margin;

    /** @param timeout of operations */
    EtcdTransport(IoLoop loop, Tokens tokens, Duration timeout) {
        this.loop = loop;
        this.tokens = tokens;
        this.timeout = timeout;
        this.margin = margin(timeout);
    }

    /** By how much the end of an operation and the deadlines of what is done for it are apart, so that the one with the better reason comes first. */
    static Duration margin(Duration timeout) {
        return Durations.min(timeout.dividedBy(8), LONGEST_MARGIN);
    }

    /** How a request was sent; after a failure its trace says whether it had left, and whether it was answered. */
    record Sent(MemberConnection connection, @Nullable String token, UnaryCall.CallTrace trace) {
        /** What a failure with this status means. */
        Verdict verdict(Status status) {
            return EtcdErrors.verdict(status, trace.hasLeft(), trace.isAnswered());
        }
    }

    /** Takes the answer to a request, or null and the status of its failure. */
    interface Answer<A> {
        /** The request has ended. */
        void ended(Sent sent, Status status, @Nullable A answer);
    }

    /** Sends a request by {@code connection}, now, for the timeout of operations at most; {@code answered} is called on the loop, later. */
    <Q, A> void ask(
            MemberConnection connection, MethodDescriptor<Q, A> method, Q question, boolean write, Answer<A> answered) {
        ask(connection, method, question, write, timeout, answered);
    }

    /** The same, for {@code limit} at most. */
    <Q, A> void ask(
            MemberConnection connection,
            MethodDescriptor<Q, A> method,
            Q question,
            boolean write,
            Duration limit,
            Answer<A> answered) {
        UnaryCall.CallTrace trace = new UnaryCall.CallTrace();
        Sent sent = new Sent(connection, tokens.present(), trace);
        // Later than the operation's own deadline, which says more than gRPC's.
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(limit.plus(margin).toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(trace);
        ReadInFlight read = new ReadInFlight();
        ClientCall<Q, A> call =
                UnaryCall.start(connection, method, options, sent.token(), question, (status, answer) -> {
                    Runnable end = () -> {
                        read.over = true;
                        if (read.call != null) {
                            connection.ended(read.call);
                        }
                        answered.ended(sent, status, answer);
                    };
                    if (answer != null) {
                        // On the loop already, since an answer comes by the connection.
                        loop.run(end);
                    } else {
                        // A call may fail before it has begun, and on the thread that closes the channel.
                        loop.execute(end);
                    }
                });
        if (!write && !read.over) {
            read.call = call;
            connection.begun(call);
        }
    }

    /** A read under way, for the connection to cancel. Confined to the loop. */
    private static final class ReadInFlight {
        private @Nullable ClientCall<?, ?> call;
        private boolean over;
    }
}
