package dev.rollcall.tck.server;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between clients and a server on the loopback interface that causes faults in their connections on demand.
 *
 * <p>It begins by passing everything on. A fault applies to the connections there are and to those that come. Each connection takes two
 * threads, so this is for the few connections of a client under test, at most {@value #MOST_CONNECTIONS} at once.
 */
public final class TcpProxy implements AutoCloseable {
    /** More connections than this are refused. */
    public static final int MOST_CONNECTIONS = 256;

    private static final AtomicInteger PROXIES = new AtomicInteger();

    /*
     * Concurrency: this object's monitor guards listener, acceptor and closed; the acceptor itself must do without it, since
     * refuse() waits for it. The faults are in Traffic, which has a monitor of its own.
     */
    private final String name = "kit-proxy-" + PROXIES.incrementAndGet();
    private final InetSocketAddress target;
    private final int port;
    private final Traffic traffic = new Traffic();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;
    private boolean closed;
    private volatile Tap.Factory taps = () -> (direction, bytes, length) -> Tap.Verdict.PASS;

    private TcpProxy(InetSocketAddress target) {
        this.target = requireNonNull(target, "target");
        this.port = FreePorts.find();
        listen();
    }

    /** A proxy on a free port, before the server on this port of the loopback interface; the server need not be up. */
    public static TcpProxy to(int serverPort) {
        return new TcpProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
    }

    /** The port that clients connect to. */
    public int port() {
        return port;
    }

    /** What clients connect to, as {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** What the names of its threads begin with. */
    String name() {
        return name;
    }

    /** The number of connections that have been accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** The number of connections there are. */
    public int connections() {
        return connections.size();
    }

    /** The number of connections that their clients have neither closed nor lost, whatever the server has done. */
    public int clients() {
        return (int) connections.stream().filter(ProxiedConnection::hasClient).count();
    }

    /** The number of bytes that have been passed on in this direction. */
    public long passed(Direction direction) {
        return traffic.passed(direction);
    }

    /** Refuses new connections, as a port does that nobody listens on. Connections there are go on. */
    public synchronized void refuse() {
        ServerSocket open = listener;
        Thread accepting = acceptor;
        listener = null;
        if (open != null && accepting != null) {
            close(open);
            // The port is free only once the thread that waits at it has left.
            awaitEnd(accepting);
        }
    }

    /** Accepts new connections again. */
    public synchronized void accept() {
        if (listener == null) {
            listen();
        }
    }

    /** Breaks every connection, as a peer does that crashes: with a reset. */
    public void cut() {
        connections.forEach(ProxiedConnection::reset);
    }

    /** Stops passing bytes on in these directions; nothing is closed, and what arrives waits for {@link #flow}. */
    public void stall(Direction... directions) {
        traffic.stall(directions);
    }

    /** Passes everything on again, at full speed and without delay, and forgets where it was to cut. */
    public void flow() {
        traffic.flow();
    }

    /** Holds what arrives back for this long. */
    public void delay(Duration time) {
        traffic.delay(time);
    }

    /** Passes on at most this many bytes in a second, in each direction of each connection. */
    public void throttle(int bytesPerSecond) {
        traffic.throttle(bytesPerSecond);
    }

    /** Breaks the connection by which the {@code bytes}-th byte from now on goes in this direction, right after it. Once. */
    public void cutAfter(Direction direction, long bytes) {
        traffic.cutAfter(direction, bytes);
    }

    /** Lets taps look at the connections that come. */
    public void tap(Tap.Factory factory) {
        taps = requireNonNull(factory, "factory");
    }

    /** Refuses new connections and breaks those there are. */
    @Override
    public synchronized void close() {
        refuse();
        traffic.close();
        cut();
        if (!closed) {
            closed = true;
            FreePorts.release(port);
        }
    }

    private void listen() {
        try {
            ServerSocket open = new ServerSocket();
            open.setReuseAddress(true);
            open.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
            listener = open;
            acceptor = start(name + "-accept", () -> acceptAll(open));
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy could not listen on port " + port + ".", e);
        }
    }

    private void acceptAll(ServerSocket open) {
        while (!open.isClosed()) {
            try {
                connect(open.accept());
            } catch (IOException e) {
                // Closed on purpose, or a client that was gone before it was served: neither ends the proxy.
                continue;
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            if (connections.size() >= MOST_CONNECTIONS) {
                throw new IOException("too many connections");
            }
            server.connect(target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            ProxiedConnection.reset(client);
            ProxiedConnection.reset(server);
            throw e;
        }
        ProxiedConnection connection = new ProxiedConnection(client, server, traffic, taps.open(), connections::remove);
        connections.add(connection);
        int number = accepted.incrementAndGet();
        start(name + "-requests-" + number, () -> connection.pump(Direction.REQUESTS));
        start(name + "-replies-" + number, () -> connection.pump(Direction.REPLIES));
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
