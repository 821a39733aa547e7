package dev.rollcall.etcd;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Quiets gRPC's own logging through java.util.logging, which would appear on the standard error of a host that does not use that. Only two loggers are
 * quieted: one that speaks for no other reason than being loaded, and one that warns of a connection's end, which this backend reports with its reason.
 * Only where the host has set no level for them or around them.
 */
final class GrpcChatter {
    /** Says at info whether epoll is there, once for each JVM. Held here, since a level is forgotten with its logger. */
    private static final Logger TCP_METRICS = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.TcpMetrics");

    /** Warns of a server that goes away because it has been asked too much. */
    private static final Logger CLIENT_HANDLER =
            Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyClientHandler");

    private GrpcChatter() {}

    static void quiet() {
        quiet(TCP_METRICS, Level.WARNING);
        quiet(CLIENT_HANDLER, Level.SEVERE);
    }

    /** Lets {@code logger} say what is at least of this level. */
    static void quiet(Logger logger, Level least) {
        // The root has always a level; whoever has set one below it wants to see what that lets through.
        for (Logger each = logger; each != null && each.getParent() != null; each = each.getParent()) {
            if (each.getLevel() != null) {
                return;
            }
        }
        logger.setLevel(least);
    }
}
