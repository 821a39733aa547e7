package dev.rollcall.etcd;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
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
    private static final int MOST_TOKEN_RENEWALS = 3;

    private final IoLoop loop;
    private final Tokens tokens;
    private final EtcdTransport transport;
    private final MemberSelector members;
    private final Duration timeout;
    /** How long before its deadline a question that is held back is given up, with a better reason than the deadline. */
    private final Duration margin;

    private final boolean batching;
    private final Set<Attempt<?, ?>> parked = new LinkedHashSet<>();
    private @Nullable Refusal lastRefusal;
    private @Nullable Batchers batchers;

    /** Where requests to one member wait that can share a batch with others. */
    private record Batchers(MemberConnection connection, RequestBatcher reads, RequestBatcher writes) {
        void close() {
            reads.close();
            writes.close();
        }
    }

    RequestDispatcher(
            IoLoop loop,
            Tokens tokens,
            EtcdTransport transport,
            MemberSelector members,
            Duration timeout,
            boolean batching) {
        this.loop = loop;
        this.tokens = tokens;
        this.transport = transport;
        this.members = members;
        this.timeout = timeout;
        this.margin = EtcdTransport.margin(timeout);
        this.batching = batching;
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

    /** The batcher at the member in use. It is closed when the connection is lost: what waits in it is sent elsewhere, or parked. */
    private RequestBatcher batcher(MemberConnection connection, boolean write) {
        Batchers present = batchers;
        if (present == null || !present.connection().equals(connection)) {
            present = new Batchers(
                    connection,
                    new RequestBatcher(transport, connection, false),
                    new RequestBatcher(transport, connection, true));
            connection.onRetired(present::close);
            batchers = present;
        }
        return write ? present.writes() : present.reads();
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
            guarded(this::look);
        }

        private void look() {
            if (request.call().isDone() || !request.mayLeave().getAsBoolean()) {
                return;
            }
            MemberConnection connection = members.current();
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
                batcher(connection, request.write()).add(this);
            } else if (!request.write() || request.call().sent()) {
                start(connection, () -> {});
            }
        }

        @Override
        public void start(MemberConnection connection, Runnable ended) {
            boolean[] over = {false};
            Runnable once = () -> {
                if (!over[0]) {
                    over[0] = true;
                    ended.run();
                }
            };
            boolean[] begun = {false};
            guarded(() -> {
                request.leaves().run();
                ask(connection, once);
                begun[0] = true;
            });
            if (!begun[0]) {
                // Later, since what comes next begins in there.
                loop.execute(once);
            }
        }

        private void ask(MemberConnection connection, Runnable ended) {
            transport.ask(
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
                            guarded(() -> request.answered().accept(answer));
                        } else {
                            failed(sent, status);
                        }
                        ended.run();
                    });
        }

        @Override
        public void guarded(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                // Nobody else may suffer from it: those behind it in the batcher, those that share its request, its
                // caller.
                LOG.error(
                        "A step of the etcd backend failed, which is a fault of the backend; {} fails.",
                        request.call().context(),
                        e);
                request.call()
                        .fail(new KvException(
                                request.call().context(),
                                request.write() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                                false,
                                "a step of the backend has failed: " + e,
                                e));
            }
        }

        @Override
        public void failed(EtcdTransport.Sent sent, Status status) {
            guarded(() -> decide(sent, status));
        }

        private void decide(EtcdTransport.Sent sent, Status status) {
            Verdict verdict = sent.verdict(status);
            boolean unanswered = verdict == Verdict.OPEN || (verdict == Verdict.NOT_NOW && !isBusy(status));
            if (unanswered) {
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
}
