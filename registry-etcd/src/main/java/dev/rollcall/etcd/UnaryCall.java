package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request with one reply. Made by hand rather than by a stub, to know whether the request left this process, and whether its status was sent by the
 * server or made by the transport on this side.
 */
final class UnaryCall {
    private UnaryCall() {}

    /** Takes the answer, or null and the status of the failure. Runs on the loop, or on the thread that closes the channel. */
    interface Reply<A> {
        /** The call has ended. */
        void ended(Status status, @Nullable A answer);
    }

    /**
     * What is known of the way of one call. Written on the loop, on the thread that closes the channel, and on those of interceptors. Departing and being
     * held back exclude each other, guarded by this.
     */
    static final class CallTrace extends ClientStreamTracer.Factory {
        private volatile boolean departed;
        private volatile boolean trailed;
        private boolean held;

        /** The one among the tracers of a call. */
        static CallTrace of(CallOptions options) {
            return options.getStreamTracerFactories().stream()
                    .filter(CallTrace.class::isInstance)
                    .map(CallTrace.class::cast)
                    .findFirst()
                    .orElseThrow();
        }

        /** Lets the question go; false if it has been held back. */
        synchronized boolean depart() {
            if (!held) {
                departed = true;
            }
            return !held;
        }

        /** Holds the question back for good, unless it has left. */
        synchronized void hold() {
            held = !departed;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundMessage(int sequence) {
                    departed = true;
                }

                @Override
                public void inboundTrailers(Metadata trailers) {
                    trailed = true;
                }
            };
        }

        /** Whether the question was given to a connection: from then on it may have been acted upon. */
        boolean hasLeft() {
            return departed;
        }

        /**
         * Whether the server has ended the call by trailers. Without them the status was made up here, from a stream that was reset, a
         * connection that broke, or an answer that is not gRPC's, and says nothing about what the server did.
         */
        boolean isAnswered() {
            return trailed;
        }
    }

    /** The options of a call that may take this long. */
    static CallOptions within(Duration time, CallTrace trace) {
        return CallOptions.DEFAULT
                .withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(trace);
    }

    /** Asks, and returns the call so that it can be cancelled. */
    static <Q, A> ClientCall<Q, A> start(
            MemberConnection connection,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            @Nullable String token,
            Q question,
            Reply<A> reply) {
        return startWith(MemberConnection.headers(token), connection, method, options, question, reply);
    }

    /** Asks with these headers. */
    static <Q, A> ClientCall<Q, A> startWith(
            Metadata headers,
            MemberConnection connection,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            Q question,
            Reply<A> reply) {
        ClientCall<Q, A> call = connection.call(method, options);
        call.start(new Listener<>(reply), headers);
        call.request(2);
        call.sendMessage(question);
        call.halfClose();
        return call;
    }

    private static final class Listener<A> extends ClientCall.Listener<A> {
        private final Reply<A> reply;
        private @Nullable A answer;

        Listener(Reply<A> reply) {
            this.reply = reply;
        }

        @Override
        public void onMessage(A message) {
            answer = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (status.isOk() && answer == null) {
                reply.ended(Status.INTERNAL.withDescription("the answer was empty"), null);
            } else {
                reply.ended(EtcdErrors.asServed(status), status.isOk() ? answer : null);
            }
        }
    }
}
