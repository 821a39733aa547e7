package dev.rollcall.etcd;

import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A real etcd with one member, on free ports of the loopback interface and a data directory of its own below target. */
final class EtcdServer implements AutoCloseable {
    /** Where servers keep what they have, if nobody says otherwise. */
    static final Path SERVERS_DIRECTORY = Path.of("target", "servers");

    /** In an option of a server: the port that its clients use. */
    static final String PORT = "{port}";

    private static final AtomicInteger SERVERS = new AtomicInteger();
    private static final String RUN =
            System.currentTimeMillis() + "-" + ProcessHandle.current().pid();

    private final int port;
    private final Path data;
    private final ServerProcess process;
    private final EtcdAdmin admin;

    private EtcdServer(String name, int port, List<String> command) {
        this.port = port;
        this.data = directory(name).resolve("data");
        this.admin = new EtcdAdmin(port);
        this.process = new ServerProcess(
                        name, command, Map.of(), directory(name).resolve("etcd.log"), () -> listens(port))
                .keeps(data);
    }

    /** Starts a server without TLS. */
    static EtcdServer start(EtcdBinary binary, String... more) {
        return start(binary, "http", List.of(more)).ready();
    }

    /** Starts a server that clients reach by {@code scheme}; does not wait until it has a leader. */
    static EtcdServer start(EtcdBinary binary, String scheme, List<String> more) {
        List<Integer> ports = FreePorts.find(2);
        String name = "etcd-" + binary.version() + "-" + SERVERS.incrementAndGet();
        String client = scheme + "://127.0.0.1:" + ports.get(0);
        String peer = "http://127.0.0.1:" + ports.get(1);
        List<String> command = new ArrayList<>(List.of(
                binary.path().toString(),
                "--name=m",
                "--data-dir=" + directory(name).resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=m=" + peer));
        more.forEach(option -> command.add(option.replace(PORT, ports.get(0).toString())));
        EtcdServer server = new EtcdServer(name, ports.get(0), command);
        server.process.start();
        return server;
    }

    /** Where a server keeps its data and its log. */
    static Path directory(String name) {
        return directory(SERVERS_DIRECTORY, name);
    }

    /** Where a server keeps its data and its log, below {@code servers}. */
    static Path directory(Path servers, String name) {
        return servers.resolve(RUN + "-" + name).toAbsolutePath();
    }

    static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (java.io.IOException e) {
            return false;
        }
    }

    /** Waits until the server answers. It listens before that, and may still find that it cannot serve, for instance because the disk is full. */
    EtcdServer ready() {
        admin.awaitAnswer(process);
        return this;
    }

    /** Where it keeps its data; while it is down, that can be copied, put back or deleted. */
    Path data() {
        return data;
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    EtcdAdmin admin() {
        return admin;
    }

    ServerProcess process() {
        return process;
    }

    /** Starts the server again on its data. */
    void restart() {
        process.start();
        ready();
    }

    @Override
    public void close() {
        admin.close();
        process.close();
    }
}
