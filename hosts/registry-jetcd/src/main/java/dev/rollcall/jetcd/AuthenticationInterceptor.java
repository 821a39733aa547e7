package dev.rollcall.jetcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import java.util.List;

/** Puts interceptors around the one call by which a password is exchanged for a token. */
final class AuthenticationInterceptor implements ClientInterceptor {
    private static final String AUTHENTICATE = "etcdserverpb.Auth/Authenticate";

    private final List<ClientInterceptor> interceptors;

    AuthenticationInterceptor(List<ClientInterceptor> interceptors) {
        this.interceptors = interceptors;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        Channel through = method.getFullMethodName().equals(AUTHENTICATE)
                ? ClientInterceptors.intercept(next, interceptors)
                : next;
        return through.newCall(method, options);
    }
}
