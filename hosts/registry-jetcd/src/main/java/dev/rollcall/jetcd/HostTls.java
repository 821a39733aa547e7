package dev.rollcall.jetcd;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * What is in the application's context for TLS, in terms of the JDK: the store has a Netty of its own, whose contexts are of other classes.
 *
 * @param context trust and keys
 * @param limits protocols and cipher suites
 */
record HostTls(SSLContext context, SSLParameters limits) {
    /**
     * Takes apart {@code context}.
     *
     * @throws IllegalArgumentException if it is not a client's context of the JDK's TLS
     */
    static HostTls of(SslContext context) {
        if (!context.isClient()) {
            throw new IllegalArgumentException(
                    "The sslContext of the ClientBuilder is a server's; build it by forClient().");
        }
        if (!(context instanceof JdkSslContext jdk)) {
            throw new IllegalArgumentException("The sslContext of the ClientBuilder is of the class "
                    + context.getClass().getName()
                    + ", whose keys and trust cannot be taken over. Build it with the JDK's TLS,"
                    + " GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK), or open the store by a"
                    + " URL with the options ca, cert and key, etcds://host:2379/root?ca=FILE.");
        }
        return new HostTls(
                jdk.context(), jdk.newEngine(UnpooledByteBufAllocator.DEFAULT).getSSLParameters());
    }
}
