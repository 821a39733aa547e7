package dev.rollcall.etcd;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one way by which reads and writes reach etcd. Holds back what cannot be sent while no member can be used; sends reads again, to
 * another member if need be, until their operation is done; sends no write again, unless etcd has answered that it changed nothing:
 * because it refused the request, for its token or as part of a batch, or because a batch's shortcuts were wrong. Confined to the {@link IoLoop}, but for {@link #send}.
 */
final class Sender {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_MARGIN = Duration.ofMillis(250);
    private static final int MOST_TOKEN_RENEWALS = 2;

    private final IoLoop loop;
    private final Tokens tokens;
    private final Duration timeout;
    /** How long before its deadline a question that is held back is given up, with a better reason than the deadline. */
    private final Duration margin;

    private final boolean batching;
    private final Set<Attempt<?, ?>> parked = new LinkedHashSet<>();
    private @Nullable Members members;
    private @Nullable Refusal lastRefusal;

    Sender(IoLoop loop, Tokens tokens, Duration timeout, boolean batching) {
        this.loop = loop;
        this.tokens = tokens;
        this.timeout = timeout;
        this.batching = batching;
        Duration eighth = timeout.dividedBy(8);
        this.margin = eighth.compareTo(LONGEST_MARGIN) < 0 ? eighth : LONGEST_MARGIN;
    }

    /** Begins to send to these members. */
    void open(Members found) {
        members = found;
    }

    /** Asks a question on behalf of an operation that has just begun, or goes on. Called from any thread. */
    void send(Exchange<?, ?> exchange) {
        Attempt<?, ?> attempt = new Attempt<>(exchange);
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

    /** How a request was sent, as far as it matters once it has failed. */
    record Sent(Link link, @Nullable String token, UnaryCall.Departure departure) {}

    /** Takes the answer to a request, or null and the status of its failure. */
    interface Answer<A> {
        /** The request has ended. */
        void ended(Sent sent, Status status, @Nullable A answer);
    }

    /** Sends a request by {@code link}, now; {@code answered} is called on the loop, later. */
    <Q, A> void ask(Link link, MethodDescriptor<Q, A> method, Q question, boolean write, Answer<A> answered) {
        ask(link, method, question, write, timeout, answered);
    }

    private <Q, A> void ask(
            Link link, MethodDescriptor<Q, A> method, Q question, boolean write, Duration limit, Answer<A> answered) {
        UnaryCall.Departure departure = new UnaryCall.Departure();
        Sent sent = new Sent(link, tokens.present(), departure);
        // Later than the operation's own deadline, which says more than gRPC's.
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(limit.plus(margin).toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(departure);
        Handle handle = new Handle();
        ClientCall<Q, A> call = UnaryCall.start(link, method, options, sent.token(), question, (status, answer) -> {
            // On the loop already, unless the call ended before it began.
            loop.execute(() -> {
                handle.over = true;
                if (handle.call != null) {
                    link.ended(handle.call);
                }
                answered.ended(sent, status, answer);
            });
        });
        if (!write && !handle.over) {
            handle.call = call;
            link.begun(call);
        }
    }

    /** One exchange, from its arrival here until its operation is done. */
    private final class Attempt<Q, A> implements Lane.Passenger {
        private final Exchange<Q, A> exchange;
        private final long deadline = System.nanoTime() + timeout.toNanos();
        private int renewals;
        private Runnable cancelExpiry = () -> {};

        Attempt(Exchange<Q, A> exchange) {
            this.exchange = exchange;
        }

        @Override
        public Exchange<Q, A> exchange() {
            return exchange;
        }

        @Override
        public void go() {
            if (exchange.call().isDone()) {
                return;
            }
            Link link = members == null ? null : members.current();
            if (link != null) {
                send(link);
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
            Refusal reason = lastRefusal == null
                    ? new Refusal(Refusal.Kind.UNREACHABLE, "none has answered yet", null)
                    : lastRefusal;
            exchange.call().fail(reason.failure(exchange.call().context()));
        }

        private Duration remaining() {
            return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        }

        private void send(Link link) {
            if (batching && exchange.ride() != null) {
                link.lane(exchange.write()).add(this);
            } else if (!exchange.write() || exchange.call().sent()) {
                start(link, () -> {});
            }
        }

        @Override
        public void start(Link link, Runnable ended) {
            ask(link, exchange.method(), exchange.question(), exchange.write(), remaining(), (sent, status, answer) -> {
                if (answer != null) {
                    link.answered();
                    exchange.answered().accept(answer);
                } else {
                    failed(sent, status);
                }
                ended.run();
            });
        }

        @Override
        public void failed(Sent sent, Status status) {
            if (exchange.call().isDone() || exchange.handled().test(status)) {
                return;
            }
            if (EtcdErrors.isStaleToken(status) && tokens.canRenew() && renewals++ < MOST_TOKEN_RENEWALS) {
                tokens.renew(sent.link(), sent.token(), refusal -> {
                    if (refusal == null || !refusal.isFinal()) {
                        go();
                    } else {
                        exchange.call().fail(refusal.failure(exchange.call().context()));
                    }
                });
                return;
            }
            if (EtcdErrors.isPassing(status)) {
                Members known = members;
                if (known != null) {
                    known.suspect(sent.link());
                }
                if (!exchange.write()) {
                    loop.schedule(PAUSE, this::go);
                    return;
                }
            }
            exchange.call().fail(failure(sent, status));
        }

        private KvException failure(Sent sent, Status status) {
            if (exchange.write() && !sent.departure().hasLeft() && EtcdErrors.isPassing(status)) {
                return new UnavailableException(
                        exchange.call().context(),
                        Outcome.NOT_APPLIED,
                        "the connection to " + sent.link() + " was lost before it was sent: " + EtcdErrors.text(status),
                        status.asRuntimeException());
            }
            return EtcdErrors.of(
                    exchange.call().context(),
                    status,
                    exchange.write(),
                    sent.departure().hasLeft());
        }
    }

    /** A read under way, for the link to cancel. Confined to the loop. */
    private static final class Handle {
        private @Nullable ClientCall<?, ?> call;
        private boolean over;
    }
}
