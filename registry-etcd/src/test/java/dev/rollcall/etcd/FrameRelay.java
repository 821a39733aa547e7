package dev.rollcall.etcd;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and etcd, and knows HTTP/2 frames well enough to keep answers back and to end streams or the connection with a
 * code of its own, as proxies and busy servers do.
 */
final class FrameRelay implements AutoCloseable {
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;
    private static final int HEAD = 9;

    /** How answers are kept back. */
    enum End {
        /** Each stream whose answer comes is reset. */
        RESET,
        /** The connection is closed by a GOAWAY that says that everything was looked at, when the first answer comes. */
        GOAWAY
    }

    private record Order(End end, int code) {}

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Order order;

    private FrameRelay(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("frame-relay", this::acceptAll);
    }

    static FrameRelay to(int port) {
        return new FrameRelay(port);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** From now on answers are kept back, and ended with this code. */
    void keepBack(End end, int code) {
        order = new Order(end, code);
    }

    /** Answers pass again. */
    void pass() {
        order = null;
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                daemon("frame-relay-requests", () -> requests(client, server));
                daemon("frame-relay-replies", () -> replies(client, server));
            } catch (IOException e) {
                // Closed on purpose, or a server that is not there; the client sees the end of its connection.
                continue;
            }
        }
    }

    private static void requests(Socket client, Socket server) {
        try {
            client.getInputStream().transferTo(server.getOutputStream());
            server.close();
        } catch (IOException e) {
            closeQuietly(client, server);
        }
    }

    private void replies(Socket client, Socket server) {
        try (client;
                server) {
            DataInputStream in = new DataInputStream(server.getInputStream());
            OutputStream out = client.getOutputStream();
            byte[] head = new byte[HEAD];
            while (true) {
                in.readFully(head);
                ByteBuffer fields = ByteBuffer.wrap(head);
                int size = (fields.get() & 0xFF) << 16 | (fields.get() & 0xFF) << 8 | (fields.get() & 0xFF);
                int type = fields.get() & 0xFF;
                fields.get();
                int stream = fields.getInt();
                byte[] payload = new byte[size];
                in.readFully(payload);
                Order wanted = order;
                if (wanted == null || stream == 0 || (type != Http2Frames.DATA && type != HEADERS)) {
                    out.write(head);
                    out.write(payload);
                } else if (wanted.end() == End.RESET) {
                    // Its headers were seen by now; what is dropped uses the tables that both sides have.
                    out.write(frame(RST_STREAM, stream, ByteBuffer.allocate(4).putInt(wanted.code())));
                } else {
                    out.write(frame(
                            GOAWAY,
                            0,
                            ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(wanted.code())));
                    out.flush();
                    return;
                }
                out.flush();
            }
        } catch (IOException e) {
            closeQuietly(client, server);
        }
    }

    private static byte[] frame(int type, int stream, ByteBuffer payload) {
        byte[] body = payload.array();
        return ByteBuffer.allocate(HEAD + body.length)
                .put((byte) 0)
                .putShort((short) body.length)
                .put((byte) type)
                .put((byte) 0)
                .putInt(stream)
                .put(body)
                .array();
    }

    private static void closeQuietly(Socket... sockets) {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closeQuietly(sockets.toArray(Socket[]::new));
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
