package dev.rollcall.etcd;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends all reads and writes to etcd. Requests wait while no member can be used. Reads are retried, by another member if necessary, until their operation
 * is done. A write is retried, until then, only if it certainly changed nothing: because it was never sent, because etcd has replied that it was rejected,
 * or because a batch's shortcuts were wrong. Confined to the {@link IoLoop}, but for {@link #send}.
 */
final class RequestDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(RequestDispatcher.class);
    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 500;
    private static final Duration LONGEST_MARGIN = Duration.ofMillis(250);
    private static final int MOST_TOKEN_RENEWALS = 3;

    private final IoLoop loop;
    private final Tokens tokens;
    private final Duration timeout;
    /** How long before its deadline a question that is held back is given up, with a better reason than the deadline. */
    private final Duration margin;

    private final boolean batching;
    private final Set<Attempt<?, ?>> parked = new LinkedHashSet<>();
    private @Nullable MemberSelector members;
    private @Nullable Refusal lastRefusal;

    RequestDispatcher(IoLoop loop, Tokens tokens, Duration timeout, boolean batching) {
        this.loop = loop;
        this.tokens = tokens;
        this.timeout = timeout;
        this.batching = batching;
        Duration eighth = timeout.dividedBy(8);
        this.margin = eighth.compareTo(LONGEST_MARGIN) < 0 ? eighth : LONGEST_MARGIN;
    }

    /** Begins to send to these members. */
    void open(MemberSelector found) {
        members = found;
    }

    /** Asks a question on behalf of an operation that has just begun, or goes on. Called from any thread. */
    void send(EtcdRequest<?, ?> request) {
        Attempt<?, ?> attempt = new Attempt<>(request);
        loop.execute(attempt::go);
    }

    /** There is a member to send to. */
    void resume() {
        lastRefusal = null;
        List<Attempt<?, ?>> waiting = List.copyOf(parked);
        parked.clear();
        waiting.forEach(Attempt::unpark);
    }

    /** There is none. If waiting is of no use, nothing is held back any longer. */
    void refused(Refusal refusal) {
        lastRefusal = refusal;
        if (refusal.isFinal()) {
            List<Attempt<?, ?>> waiting = List.copyOf(parked);
            parked.clear();
            waiting.forEach(Attempt::giveUp);
        }
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

    /** Sends a request by {@code connection}, now; {@code answered} is called on the loop, later. */
    <Q, A> void ask(
            MemberConnection connection, MethodDescriptor<Q, A> method, Q question, boolean write, Answer<A> answered) {
        ask(connection, method, question, write, timeout, answered);
    }

    private <Q, A> void ask(
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
        ReadInFlight handle = new ReadInFlight();
        ClientCall<Q, A> call =
                UnaryCall.start(connection, method, options, sent.token(), question, (status, answer) -> {
                    Runnable end = () -> {
                        handle.over = true;
                        if (handle.call != null) {
                            connection.ended(handle.call);
                        }
                        answered.ended(sent, status, answer);
                    };
                    if (answer != null) {
                        // On the loop already, since an answer comes by the connection.
                        IoLoop.run(end);
                    } else {
                        // A call may fail before it has begun, and on the thread that closes the channel.
                        loop.execute(end);
                    }
                });
        if (!write && !handle.over) {
            handle.call = call;
            connection.begun(call);
        }
    }

    /** One request, from its arrival here until its operation is done. */
    private final class Attempt<Q, A> implements RequestBatcher.BatchedRequest {
        private final EtcdRequest<Q, A> request;
        private final long deadline = System.nanoTime() + timeout.toNanos();
        private int renewals;
        private long pauseMillis = FIRST_PAUSE_MILLIS;
        private @Nullable KvException lastFailure;
        private Runnable cancelExpiry = () -> {};

        Attempt(EtcdRequest<Q, A> request) {
            this.request = request;
        }

        @Override
        public EtcdRequest<Q, A> request() {
            return request;
        }

        @Override
        public void go() {
            if (request.call().isDone() || !request.mayLeave().getAsBoolean()) {
                return;
            }
            MemberConnection connection = members == null ? null : members.current();
            if (connection != null) {
                send(connection);
            } else if (lastRefusal != null && lastRefusal.isFinal()) {
                giveUp();
            } else {
                park();
            }
        }

        private void park() {
            parked.add(this);
            cancelExpiry = loop.schedule(remaining().minus(margin), () -> {
                if (parked.remove(this)) {
                    giveUp();
                }
            });
        }

        void unpark() {
            cancelExpiry.run();
            go();
        }

        void giveUp() {
            cancelExpiry.run();
            if (lastRefusal == null && lastFailure != null) {
                request.call().fail(lastFailure);
                return;
            }
            Refusal reason = lastRefusal == null
                    ? new Refusal(Refusal.Kind.UNREACHABLE, "none has answered yet", null)
                    : lastRefusal;
            request.call().fail(reason.failure(request.call().context()));
        }

        private Duration remaining() {
            return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        }

        private void send(MemberConnection connection) {
            if (batching && request.batchForm() != null) {
                connection.batcher(request.write()).add(this);
            } else if (!request.write() || request.call().sent()) {
                start(connection, () -> {});
            }
        }

        @Override
        public void start(MemberConnection connection, Runnable ended) {
            request.leaves().run();
            ask(
                    connection,
                    request.method(),
                    request.question(),
                    request.write(),
                    remaining(),
                    (sent, status, answer) -> {
                        if (answer != null) {
                            connection.served();
                            if (request.isLinearizableRead()) {
                                connection.agreed();
                            }
                            take(() -> request.answered().accept(answer));
                        } else {
                            failed(sent, status);
                        }
                        ended.run();
                    });
        }

        @Override
        public void take(Runnable answered) {
            try {
                answered.run();
            } catch (RuntimeException | Error e) {
                // Nobody else may suffer from it: those behind it in the batcher, those that share its request, its
                // caller.
                LOG.error(
                        "An answer of etcd could not be taken; {} fails.",
                        request.call().context(),
                        e);
                request.call()
                        .fail(new KvException(
                                request.call().context(),
                                request.write() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                                false,
                                "the store has answered, but the answer could not be taken: " + e,
                                e));
            }
        }

        @Override
        public void failed(Sent sent, Status status) {
            Verdict verdict = sent.verdict(status);
            boolean unanswered = verdict == Verdict.OPEN || (verdict == Verdict.NOT_NOW && !isBusy(status));
            if (unanswered && members != null) {
                // Also where nobody waits any more: it is by their deadlines that calls end at a member which does
                // nothing.
                members.suspect(sent.connection());
            }
            if (request.call().isDone() || request.handled().test(status)) {
                return;
            }
            KvException failure = EtcdErrors.of(request.call().context(), status, verdict, request.write());
            boolean again = verdict == Verdict.NOT_NOW
                    || (verdict == Verdict.OPEN
                            && !request.write()
                            && !EtcdErrors.isPointless(status, sent.trace().isAnswered()));
            boolean stale = verdict == Verdict.STALE_TOKEN && tokens.canRenew() && renewals < MOST_TOKEN_RENEWALS;
            boolean changed = verdict == Verdict.AUTH_CHANGED;
            if (!stale && !changed && !again) {
                request.call().fail(failure);
                return;
            }
            request.call().unsent(EtcdErrors.text(status), status.asRuntimeException());
            lastFailure = failure;
            if (stale) {
                tokens.renew(
                        sent.connection(),
                        sent.token(),
                        refusal -> renewed(refusal, () -> {
                            renewals++;
                            go();
                        }));
            } else if (changed && tokens.canRenew()) {
                // A token may name the state of the permissions that it was made out in; how often that changes is not
                // this client's doing.
                tokens.renew(sent.connection(), sent.token(), refusal -> renewed(refusal, this::later));
            } else {
                later();
            }
        }

        private void renewed(@Nullable Refusal refusal, Runnable then) {
            if (refusal == null) {
                then.run();
            } else if (refusal.isFinal()) {
                request.call().fail(refusal.failure(request.call().context()));
            } else {
                lastFailure = refusal.failure(request.call().context());
                request.call().unsent(refusal.reason(), refusal.cause());
                later();
            }
        }

        /** Tries again after a pause, unless the deadline is too near: then the caller is told why it did not succeed. */
        private void later() {
            long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
            Duration left = remaining().minus(margin);
            boolean last = left.compareTo(Duration.ofMillis(pause)) <= 0;
            loop.schedule(last ? left : Duration.ofMillis(pause), last ? this::giveUp : this::go);
        }
    }

    /** Whether the member serves, but not everybody at once. */
    private static boolean isBusy(Status status) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED;
    }

    /** A read under way, for the connection to cancel. Confined to the loop. */
    private static final class ReadInFlight {
        private @Nullable ClientCall<?, ?> call;
        private boolean over;
    }
}
