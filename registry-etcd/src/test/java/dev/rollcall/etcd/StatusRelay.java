package dev.rollcall.etcd;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between clients and a member without TLS, and on demand holds what the member answers, except about its status: so looks a member that does
 * not get on with its disk. It passes HTTP/2 frames and answers nothing by itself, so a connection that breaks on one side breaks on the other.
 *
 * <p>What clients send goes on to the member all the time. Answers that were held follow in their order on {@link #flow}.
 */
final class StatusRelay implements AutoCloseable {
    /** The calls whose answers are never held. */
    private static final String STATUS = "/etcdserverpb.Maintenance/";

    private static final int PREFACE = 24;
    private static final int HEAD = 9;
    private static final int HEADERS = 1;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_BYTES = 5;

    private final ServerSocket listener;
    private final int target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean holding;

    private StatusRelay(int target) {
        this.target = target;
        try {
            this.listener = new ServerSocket();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("status-relay", this::acceptAll);
    }

    static StatusRelay to(int port) {
        return new StatusRelay(port);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Holds the answers that come from now on. */
    void hold() {
        holding = true;
    }

    /** Passes on what was held, and what comes. */
    void flow() {
        holding = false;
        connections.forEach(Connection::release);
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket();
                try {
                    server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                } catch (IOException e) {
                    reset(client);
                    continue;
                }
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Connection connection = new Connection(client, server);
                connections.add(connection);
                daemon("status-relay-requests", () -> connection.pump(connection::requests));
                daemon("status-relay-replies", () -> connection.pump(connection::replies));
            } catch (IOException e) {
                // Closed on purpose, or a client that has gone.
                continue;
            }
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is closed already, which is what was wanted.
            return;
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.forEach(Connection::reset);
    }

    private interface Pump {
        void run() throws IOException, Http2Exception;
    }

    /** One frame. */
    private record Frame(byte[] head, byte[] payload) {
        static Frame read(DataInputStream in) throws IOException {
            byte[] head = new byte[HEAD];
            in.readFully(head);
            byte[] payload = new byte[(head[0] & 0xFF) << 16 | (head[1] & 0xFF) << 8 | (head[2] & 0xFF)];
            in.readFully(payload);
            return new Frame(head, payload);
        }

        int type() {
            return head[3];
        }

        int stream() {
            return (head[5] & 0x7F) << 24 | (head[6] & 0xFF) << 16 | (head[7] & 0xFF) << 8 | (head[8] & 0xFF);
        }

        private boolean has(int flag) {
            return (head[4] & flag) != 0;
        }

        /** The compressed headers; gRPC's are never so long that they need more than one frame. */
        ByteBuf block() throws EOFException {
            if (!has(END_HEADERS)) {
                throw new EOFException("headers in several frames");
            }
            int from = (has(PADDED) ? 1 : 0) + (has(PRIORITY) ? PRIORITY_BYTES : 0);
            int padding = has(PADDED) ? payload[0] & 0xFF : 0;
            return Unpooled.wrappedBuffer(payload, from, payload.length - from - padding);
        }

        /** The same with other headers, neither padded nor with a priority. */
        Frame with(byte[] block) {
            byte[] other = head.clone();
            other[0] = (byte) (block.length >> 16);
            other[1] = (byte) (block.length >> 8);
            other[2] = (byte) block.length;
            other[4] = (byte) (head[4] & ~PADDED & ~PRIORITY);
            return new Frame(other, block);
        }

        void write(OutputStream out) throws IOException {
            out.write(head);
            out.write(payload);
        }
    }

    /* Concurrency: a thread for each direction; the monitor guards what goes to the client, and what is held. */
    private final class Connection {
        private final Socket client;
        private final Socket server;
        private final Set<Integer> aboutStatus = ConcurrentHashMap.newKeySet();
        private final Http2HeadersDecoder asked = new DefaultHttp2HeadersDecoder(false);
        private final Http2HeadersDecoder answered = new DefaultHttp2HeadersDecoder(false);
        /** Without a table of its own: what is held must not be needed to understand what overtakes it. */
        private final Http2HeadersEncoder encoder =
                new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.ALWAYS_SENSITIVE, true);

        private final List<Frame> held = new ArrayList<>();

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void pump(Pump direction) {
            try {
                direction.run();
            } catch (IOException | Http2Exception e) {
                // One side is gone; so is the other, then.
                reset();
            }
        }

        void requests() throws IOException, Http2Exception {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = server.getOutputStream();
            out.write(in.readNBytes(PREFACE));
            while (true) {
                Frame frame = Frame.read(in);
                if (frame.type() == HEADERS) {
                    CharSequence path =
                            asked.decodeHeaders(frame.stream(), frame.block()).path();
                    if (path != null && path.toString().startsWith(STATUS)) {
                        aboutStatus.add(frame.stream());
                    }
                }
                frame.write(out);
            }
        }

        void replies() throws IOException, Http2Exception {
            DataInputStream in = new DataInputStream(server.getInputStream());
            while (true) {
                Frame frame = Frame.read(in);
                if (frame.type() == HEADERS) {
                    Http2Headers headers = answered.decodeHeaders(frame.stream(), frame.block());
                    ByteBuf block = Unpooled.buffer();
                    encoder.encodeHeaders(frame.stream(), headers, block);
                    byte[] bytes = new byte[block.readableBytes()];
                    block.readBytes(bytes);
                    frame = frame.with(bytes);
                }
                pass(frame);
            }
        }

        private synchronized void pass(Frame frame) throws IOException {
            boolean answer = frame.stream() != 0 && frame.type() != WINDOW_UPDATE;
            if (answer && !aboutStatus.contains(frame.stream()) && (holding || !held.isEmpty())) {
                held.add(frame);
                if (!holding) {
                    releaseAll();
                }
            } else {
                frame.write(client.getOutputStream());
            }
        }

        synchronized void release() {
            try {
                releaseAll();
            } catch (IOException e) {
                reset();
            }
        }

        private void releaseAll() throws IOException {
            for (Frame frame : held) {
                frame.write(client.getOutputStream());
            }
            held.clear();
        }

        void reset() {
            connections.remove(this);
            StatusRelay.reset(client);
            StatusRelay.reset(server);
        }
    }
}
