package dev.rollcall.etcd;

import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What gRPC says of itself through java.util.logging, which a host that does not use that finds on its standard error. Only the one logger is quieted that
 * speaks for no other reason than being loaded, and only where the host has set no level for it or around it; what goes wrong is reported by this backend.
 */
final class GrpcChatter {
    /** Says at info whether epoll is there, once for each JVM. Held here, since a level is forgotten with its logger. */
    private static final Logger TCP_METRICS = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.TcpMetrics");

    private GrpcChatter() {}

    static void quiet() {
        quiet(TCP_METRICS);
    }

    static void quiet(Logger logger) {
        // The root has always a level; whoever has set one below it wants to see what that lets through.
        for (Logger each = logger; each != null && each.getParent() != null; each = each.getParent()) {
            if (each.getLevel() != null) {
                return;
            }
        }
        logger.setLevel(Level.WARNING);
    }
}
