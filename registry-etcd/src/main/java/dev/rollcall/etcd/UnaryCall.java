package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** One question with one answer. Made by hand rather than by a stub, to know whether the question ever left this process. */
final class UnaryCall {
    private UnaryCall() {}

    /** Takes the answer, or null and the status of the failure. Runs on the loop, or on the thread that closes the channel. */
    interface Reply<A> {
        /** The call has ended. */
        void ended(Status status, @Nullable A answer);
    }

    /** Tells whether a call has left for the network. */
    static final class Departure extends ClientStreamTracer.Factory {
        private volatile boolean departed;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundMessage(int sequence) {
                    departed = true;
                }
            };
        }

        /** Whether the question was given to a connection: from then on it may have been acted upon. */
        boolean hasLeft() {
            return departed;
        }
    }

    /** Asks, and returns the call so that it can be cancelled. */
    static <Q, A> ClientCall<Q, A> start(
            Link link,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            @Nullable String token,
            Q question,
            Reply<A> reply) {
        ClientCall<Q, A> call = link.call(method, options);
        call.start(new Listener<>(reply), Link.headers(token));
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
                reply.ended(status, status.isOk() ? answer : null);
            }
        }
    }
}
