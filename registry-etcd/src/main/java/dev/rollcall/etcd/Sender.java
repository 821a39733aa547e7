package dev.rollcall.etcd;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one way by which reads and writes reach etcd. Holds back what cannot be sent while no member can be used; sends reads again, to
 * another member if need be, until their operation is done; sends no write twice, unless the store has refused it for its token before
 * it looked at it. Confined to the {@link IoLoop}, but for {@link #send}.
 */
final class Sender {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int MOST_TOKEN_RENEWALS = 2;

    private final IoLoop loop;
    private final Tokens tokens;
    private final Duration timeout;
    /** How long before its deadline a question that is held back is given up, with a better reason than the deadline. */
    private final Duration margin;

    private final Set<Attempt<?, ?>> parked = new LinkedHashSet<>();
    private @Nullable Members members;
    private @Nullable Refusal lastRefusal;

    Sender(IoLoop loop, Tokens tokens, Duration timeout) {
        this.loop = loop;
        this.tokens = tokens;
        this.timeout = timeout;
        this.margin = timeout.dividedBy(50).plusMillis(1);
    }

    /** Begins to send to these members. */
    void open(Members found) {
        members = found;
    }

    /** Asks a question on behalf of an operation that has just begun, or goes on. Called from any thread. */
    void send(Exchange<?, ?> exchange) {
        loop.execute(() -> new Attempt<>(exchange).go());
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

    /** One exchange, from its arrival here until its operation is done. */
    private final class Attempt<Q, A> {
        private final Exchange<Q, A> exchange;
        private final long deadline = System.nanoTime() + timeout.toNanos();
        private int renewals;
        private Runnable cancelExpiry = () -> {};

        Attempt(Exchange<Q, A> exchange) {
            this.exchange = exchange;
        }

        void go() {
            if (exchange.call().isDone()) {
                return;
            }
            Link link = members == null ? null : members.current();
            if (link != null) {
                start(link);
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

        private void start(Link link) {
            if (exchange.write() && !exchange.call().sent()) {
                return;
            }
            UnaryCall.Departure departure = new UnaryCall.Departure();
            String token = tokens.present();
            // Later than the operation's own deadline, which says more than gRPC's.
            CallOptions options = CallOptions.DEFAULT
                    .withDeadlineAfter(remaining().plus(margin).toNanos(), TimeUnit.NANOSECONDS)
                    .withStreamTracerFactory(departure);
            Handle handle = new Handle();
            ClientCall<Q, A> call =
                    UnaryCall.start(link, exchange.method(), options, token, exchange.question(), (status, answer) -> {
                        // On the loop already, unless the call ended before it began.
                        loop.execute(() -> {
                            handle.over = true;
                            if (handle.call != null) {
                                link.ended(handle.call);
                            }
                            ended(link, token, departure, status, answer);
                        });
                    });
            if (!exchange.write() && !handle.over) {
                handle.call = call;
                link.begun(call);
            }
        }

        private void ended(
                Link link, @Nullable String token, UnaryCall.Departure departure, Status status, @Nullable A answer) {
            if (answer != null) {
                link.answered();
                exchange.answered().accept(answer);
            } else if (!exchange.call().isDone()) {
                failed(link, token, departure, status);
            }
        }

        private void failed(Link link, @Nullable String token, UnaryCall.Departure departure, Status status) {
            if (exchange.handled().test(status)) {
                return;
            }
            if (EtcdErrors.isStaleToken(status) && tokens.canRenew() && renewals++ < MOST_TOKEN_RENEWALS) {
                tokens.renew(link, token, refusal -> {
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
                    known.suspect(link);
                }
                if (!exchange.write()) {
                    loop.schedule(PAUSE, this::go);
                    return;
                }
            }
            exchange.call().fail(failure(link, departure, status));
        }

        private KvException failure(Link link, UnaryCall.Departure departure, Status status) {
            if (exchange.write() && !departure.hasLeft() && EtcdErrors.isPassing(status)) {
                return new UnavailableException(
                        exchange.call().context(),
                        Outcome.NOT_APPLIED,
                        "the connection to " + link + " was lost before it was sent: " + EtcdErrors.text(status),
                        status.asRuntimeException());
            }
            return EtcdErrors.of(exchange.call().context(), status, exchange.write(), departure.hasLeft());
        }
    }

    /** A read under way, for the link to cancel. Confined to the loop. */
    private static final class Handle {
        private @Nullable ClientCall<?, ?> call;
        private boolean over;
    }
}
