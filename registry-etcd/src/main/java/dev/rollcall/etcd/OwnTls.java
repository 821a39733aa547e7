package dev.rollcall.etcd;

import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** TLS by a context that the application has set up: its trust, its keys and its other settings. Immutable. */
final class OwnTls implements TlsContexts {
    private final SslContext context;

    /**
     * TLS by {@code context}.
     *
     * @param limits the protocols and cipher suites to use, each null for those that the context uses by default
     */
    OwnTls(SSLContext context, SSLParameters limits) {
        String[] ciphers = limits.getCipherSuites();
        this.context = new JdkSslContext(
                context,
                true,
                ciphers == null ? null : List.of(ciphers),
                SupportedCipherSuiteFilter.INSTANCE,
                // HTTP/2 is the only protocol that etcd is asked for.
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"),
                ClientAuth.NONE,
                limits.getProtocols(),
                false);
    }

    @Override
    public SslContext context() {
        return context;
    }

    /** What changes, a context's key manager takes up by itself. */
    @Override
    public void refresh() {}

    /** Nothing is known: keys are the context's own affair. */
    @Override
    public @Nullable String fault(Instant now) {
        return null;
    }
}
