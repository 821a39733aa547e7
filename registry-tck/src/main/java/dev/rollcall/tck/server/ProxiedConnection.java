package dev.rollcall.tck.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One connection through a {@link TcpProxy}: two sockets, and a pump for each direction. */
final class ProxiedConnection {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Socket client;
    private final Socket server;
    private final Traffic traffic;
    private final Tap tap;
    private final Consumer<ProxiedConnection> ended;
    private final AtomicBoolean broken = new AtomicBoolean();
    private volatile boolean clientHasClosed;

    ProxiedConnection(Socket client, Socket server, Traffic traffic, Tap tap, Consumer<ProxiedConnection> ended) {
        this.client = client;
        this.server = server;
        this.traffic = traffic;
        this.tap = tap;
        this.ended = ended;
    }

    /** Passes bytes on in one direction until either side ends. */
    void pump(Direction direction) {
        Socket from = direction == Direction.REQUESTS ? client : server;
        Socket to = direction == Direction.REQUESTS ? server : client;
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                if (!passOn(direction, buffer, length, out)) {
                    reset();
                    return;
                }
            }
            clientHasClosed |= direction == Direction.REQUESTS;
            traffic.awaitTurn(direction, 0, this::isBroken);
            to.shutdownOutput();
        } catch (IOException e) {
            reset();
        } finally {
            if (from.isInputShutdown() || client.isClosed() || bothEnded()) {
                close();
            }
        }
    }

    private boolean passOn(Direction direction, byte[] buffer, int length, OutputStream out) throws IOException {
        Tap.Verdict verdict = tap.see(direction, buffer, length);
        if (verdict == Tap.Verdict.CUT) {
            return false;
        }
        int offset = 0;
        while (offset < length) {
            int most = traffic.awaitTurn(direction, length - offset, this::isBroken);
            if (most < 0) {
                return false;
            }
            out.write(buffer, offset, most);
            offset += most;
            if (traffic.passed(direction, most)) {
                return false;
            }
        }
        return verdict == Tap.Verdict.PASS;
    }

    boolean hasClient() {
        return !clientHasClosed && !isBroken();
    }

    private boolean isBroken() {
        return broken.get();
    }

    private boolean bothEnded() {
        return client.isOutputShutdown() && server.isOutputShutdown();
    }

    /** Breaks the connection on both sides with a reset. */
    void reset() {
        if (broken.compareAndSet(false, true)) {
            reset(client);
            reset(server);
            traffic.wake();
            ended.accept(this);
        }
    }

    private void close() {
        if (broken.compareAndSet(false, true)) {
            closeQuietly(client);
            closeQuietly(server);
            traffic.wake();
            ended.accept(this);
        }
    }

    /** Closes a socket so that its peer sees a reset. */
    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already, which is what was wanted.
            return;
        } finally {
            closeQuietly(socket);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("A socket of the proxy could not be closed.", e);
        }
    }
}
