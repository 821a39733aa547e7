package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Deadline;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The application's interceptors around each call of a channel. They run on threads for code of the application, never on the {@link IoLoop}, and whatever
 * they do, the backend still knows the outcome of its requests: the tracers and the deadline of a call stay on it, and a call is made once, since only the
 * {@link RequestDispatcher} decides about retries.
 */
final class Interceptors {
    private final List<ClientInterceptor> interceptors;
    private final IoLoop loop;
    private final Executor threads;

    /**
     * Around calls whose answers are taken on {@code loop}.
     *
     * @param interceptors the last one sees a call first, as with {@link ClientInterceptors#intercept}
     * @param threads runs them
     */
    Interceptors(List<ClientInterceptor> interceptors, IoLoop loop, Executor threads) {
        this.interceptors = interceptors;
        this.loop = loop;
        this.threads = threads;
    }

    /** A call by {@code channel} that has not begun. */
    <Q, A> ClientCall<Q, A> call(Channel channel, MethodDescriptor<Q, A> method, CallOptions options) {
        UnaryCall.CallTrace trace = UnaryCall.CallTrace.of(options);
        Channel inside = ClientInterceptors.intercept(channel, new Once(options, trace));
        Channel outside = ClientInterceptors.intercept(inside, interceptors);
        return new InterceptedCall<>(
                loop, threads, trace, options.getDeadline(), () -> outside.newCall(method, options));
    }

    /** Next to the channel: puts back what a call needs, and lets it through once. */
    private final class Once implements ClientInterceptor {
        private final CallOptions wanted;
        private final UnaryCall.CallTrace trace;
        private final AtomicBoolean used = new AtomicBoolean();

        Once(CallOptions wanted, UnaryCall.CallTrace trace) {
            this.wanted = wanted;
            this.trace = trace;
        }

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(
                MethodDescriptor<Q, A> method, CallOptions given, Channel channel) {
            if (!used.compareAndSet(false, true)) {
                return new RefusedCall<>();
            }
            // Off the loop, since what interceptors do with an answer is code of the application as well.
            CallOptions options = given.withExecutor(threads);
            Deadline deadline = wanted.getDeadline();
            if (deadline != null && (given.getDeadline() == null || deadline.isBefore(given.getDeadline()))) {
                options = options.withDeadline(deadline);
            }
            if (!given.getStreamTracerFactories().contains(trace)) {
                options = options.withStreamTracerFactory(trace);
            }
            return new SimpleForwardingClientCall<>(channel.newCall(method, options)) {
                @Override
                public void sendMessage(Q message) {
                    if (trace.depart()) {
                        super.sendMessage(message);
                    } else {
                        cancel("Whoever asked has been told that nothing was sent.", null);
                    }
                }
            };
        }
    }

    /** A call that an interceptor makes on top of the one that it was asked for. */
    private static final class RefusedCall<Q, A> extends ClientCall<Q, A> {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
            listener.onClose(
                    Status.INTERNAL.withDescription(
                            "an interceptor of the application has made a call twice, which only the store may do"),
                    new Metadata());
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
