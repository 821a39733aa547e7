package dev.rollcall.jetcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Map;

/** Adds headers to each call. */
final class HeaderInterceptor implements ClientInterceptor {
    private final Map<Metadata.Key<?>, Object> headers;

    HeaderInterceptor(Map<Metadata.Key<?>, Object> headers) {
        this.headers = Map.copyOf(headers);
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata sent) {
                headers.forEach((key, value) -> put(sent, key, value));
                super.start(listener, sent);
            }
        };
    }

    /** The builder's map does not say that a value is of its key's type; where it is not, gRPC throws. */
    @SuppressWarnings("unchecked")
    private static <T> void put(Metadata sent, Metadata.Key<T> key, Object value) {
        sent.put(key, (T) value);
    }
}
