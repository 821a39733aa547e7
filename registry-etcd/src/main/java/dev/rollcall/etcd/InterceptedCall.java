package dev.rollcall.etcd;

import dev.rollcall.kv.support.SerialLane;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that passes through code of the application. Calls of the backend are passed on in order on callback threads; replies are taken on the {@link
 * IoLoop}, in order. An interceptor that fails ends the call with its reason; a call that an interceptor never passes on ends at its deadline.
 */
final class InterceptedCall<Q, A> extends ClientCall<Q, A> {
    /** For the call's own end at the deadline, which says more. */
    private static final Duration GRACE = Duration.ofMillis(50);

    private final IoLoop loop;
    private final SerialLane batcher;
    private final UnaryCall.CallTrace trace;
    private final @Nullable Deadline deadline;
    private final Supplier<ClientCall<Q, A>> made;
    /** Set by {@link #start}, which comes first. */
    private @Nullable Answers answers;
    /** The call inside, once it has begun. Confined to the batcher. */
    private @Nullable ClientCall<Q, A> inner;
    /** Confined to the batcher. */
    private boolean failed;

    /** Makes {@code made}'s call when this one is started. */
    InterceptedCall(
            IoLoop loop,
            Executor threads,
            UnaryCall.CallTrace trace,
            @Nullable Deadline deadline,
            Supplier<ClientCall<Q, A>> made) {
        this.loop = loop;
        this.batcher = new SerialLane(threads);
        this.trace = trace;
        this.deadline = deadline;
        this.made = made;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
        Answers told = new Answers(listener);
        answers = told;
        if (deadline != null) {
            Duration left = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
            told.cancelTimer = loop.schedule(left.plus(GRACE), () -> {
                told.end(
                        Status.DEADLINE_EXCEEDED.withDescription(
                                "an interceptor of the application has not let the call end in time"),
                        new Metadata());
                cancel("The deadline has passed.", null);
            });
        }
        batcher.execute(() -> guarded(told, () -> {
            ClientCall<Q, A> call = made.get();
            call.start(told, headers);
            inner = call;
        }));
    }

    private void guarded(@Nullable Answers told, Runnable step) {
        if (failed) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            failed = true;
            ClientCall<Q, A> begun = inner;
            if (begun != null) {
                begun.cancel("An interceptor has failed.", e);
            }
            if (told != null) {
                Status status = Status.INTERNAL
                        .withDescription("an interceptor of the application has failed: " + e)
                        .withCause(e);
                loop.execute(() -> told.end(status, new Metadata()));
            }
        }
    }

    private void then(Consumer<ClientCall<Q, A>> step) {
        Answers told = answers;
        batcher.execute(() -> guarded(told, () -> {
            ClientCall<Q, A> begun = inner;
            if (begun != null) {
                step.accept(begun);
            }
        }));
    }

    @Override
    public void request(int messages) {
        then(call -> call.request(messages));
    }

    @Override
    public void sendMessage(Q message) {
        then(call -> call.sendMessage(message));
    }

    @Override
    public void halfClose() {
        then(ClientCall::halfClose);
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
        then(call -> call.cancel(message, cause));
    }

    /** Brings what comes back to the loop. */
    private final class Answers extends Listener<A> {
        private final Listener<A> listener;
        private Runnable cancelTimer = () -> {};
        /** Confined to the loop. */
        private boolean ended;

        Answers(Listener<A> listener) {
            this.listener = listener;
        }

        /** Ends the call, unless it has ended: what has not been sent by now never is. Runs on the loop. */
        void end(Status status, Metadata trailers) {
            if (!ended) {
                ended = true;
                trace.hold();
                cancelTimer.run();
                listener.onClose(status, trailers);
            }
        }

        @Override
        public void onHeaders(Metadata headers) {
            loop.execute(() -> {
                if (!ended) {
                    listener.onHeaders(headers);
                }
            });
        }

        @Override
        public void onMessage(A message) {
            loop.execute(() -> {
                if (!ended) {
                    listener.onMessage(message);
                }
            });
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> end(status, trailers));
        }
    }
}
