package dev.rollcall.tck.server;

import java.util.ArrayList;
import java.util.List;

/**
 * Ports of the loopback interface that nobody listens on, and that nobody else is given: this JVM has claimed them, by a lock that other
 * JVMs of the machine respect, until it ends. So a port that is found now and bound later, or given up for a while by a server that is
 * restarted, is not taken meanwhile, however many forks of however many builds look for some. They lie below those that systems hand out
 * for outgoing connections, unless a system is set up otherwise.
 */
public final class FreePorts {
    private static final PortClaims CLAIMS = PortClaims.ofThisJvm();

    private FreePorts() {}

    /** Finds {@code count} different ports, which are kept for the caller until they are released, or until this JVM ends. */
    public static List<Integer> find(int count) {
        List<Integer> ports = new ArrayList<>();
        try {
            while (ports.size() < count) {
                ports.add(CLAIMS.take());
            }
        } catch (RuntimeException e) {
            ports.forEach(FreePorts::release);
            throw e;
        }
        return List.copyOf(ports);
    }

    /** Finds one port. */
    public static int find() {
        return CLAIMS.take();
    }

    /** Gives a port back, that others of this JVM may find it; for those who need many, one after the other. Nothing happens if it was not found here. */
    public static void release(int port) {
        CLAIMS.release(port);
    }
}
