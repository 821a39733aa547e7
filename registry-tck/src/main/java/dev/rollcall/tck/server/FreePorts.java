package dev.rollcall.tck.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports of the loopback interface that nobody listens on, below those that systems hand out for outgoing connections: so a port that is
 * given up for a while, by a server that is restarted, is not taken by some client meanwhile.
 */
public final class FreePorts {
    private static final int LOWEST = 12_000;
    private static final int BEYOND = 32_000;
    private static final int MOST_TRIALS = 10_000;

    private FreePorts() {}

    /** Finds {@code count} different ports; they were free a moment ago, and are not kept. */
    public static List<Integer> find(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int trial = 0; sockets.size() < count; trial++) {
                if (trial == MOST_TRIALS) {
                    throw new IllegalStateException("No free port could be found on the loopback interface.");
                }
                ServerSocket socket = bound(ThreadLocalRandom.current().nextInt(LOWEST, BEYOND));
                if (socket != null) {
                    sockets.add(socket);
                }
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            sockets.forEach(FreePorts::close);
        }
    }

    private static @Nullable ServerSocket bound(int port) {
        try {
            return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            // Somebody has it.
            return null;
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
