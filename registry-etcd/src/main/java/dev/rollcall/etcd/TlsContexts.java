package dev.rollcall.etcd;

import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes the TLS context of each new connection. Safe for use by several threads. */
interface TlsContexts {
    /** The context for a new connection. */
    SslContext context();

    /** Takes up what has changed since the last time. May block. */
    void refresh();

    /** A clause that says what is wrong with the client's own certificate at this moment, or null if nothing is known. May block. */
    @Nullable
    String fault(Instant now);
}
