package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A real server in a process of its own. */
final class ZooKeeperServer implements AutoCloseable {
    static final int TICK_MILLIS = 500;

    /** Where servers keep what they have, if nobody says otherwise. */
    static final Path SERVERS_DIRECTORY = Path.of("target", "servers");

    private static final AtomicInteger SERVERS = new AtomicInteger();
    private static final String RUN =
            System.currentTimeMillis() + "-" + ProcessHandle.current().pid();

    private final int port;
    private final Path directory;
    private final List<String> configuration;
    private final ServerProcess process;

    /** @param old whether to run 3.8 instead of what the client is, or of what the property {@code zookeeper.server} names */
    private ZooKeeperServer(
            Path servers, String name, int port, boolean old, List<String> configuration, List<String> properties) {
        this.port = port;
        this.directory = servers.resolve(RUN + "-" + name).toAbsolutePath();
        this.configuration = List.copyOf(configuration);
        configure(List.of());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // A killed process loses nothing that it has written; only a machine would.
                "-Dzookeeper.forceSync=no",
                // Its page for administrators, whose port is fixed.
                "-Dzookeeper.admin.enableServer=false",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"));
        properties.forEach(property -> command.add("-D" + property));
        command.addAll(List.of(
                "-cp",
                classPath(old),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                directory.resolve("zoo.cfg").toString()));
        this.process = new ServerProcess(name, command, Map.of(), directory.resolve("server.log"), () -> serves(port))
                .keeps(directory.resolve("data"));
    }

    /** A server that serves alone, with more lines of configuration. */
    static ZooKeeperServer alone(boolean old, String... more) {
        return alone(old, List.of(more), List.of());
    }

    /** A server that serves alone, with more lines of configuration and system properties. */
    static ZooKeeperServer alone(boolean old, List<String> more, List<String> properties) {
        int port = FreePorts.find();
        String name = "zookeeper-" + (old ? "3.8-" : "3.9-") + SERVERS.incrementAndGet();
        List<String> configuration = new ArrayList<>(common(port));
        configuration.addAll(more);
        ZooKeeperServer server = new ZooKeeperServer(SERVERS_DIRECTORY, name, port, old, configuration, properties);
        server.process.start();
        return server;
    }

    /** A server as the sample configuration that ships with ZooKeeper makes it, with more lines. */
    static ZooKeeperServer plain(String... more) {
        return plain(List.of(more), List.of());
    }

    /** The same, with system properties. */
    static ZooKeeperServer plain(List<String> more, List<String> properties) {
        int port = FreePorts.find(1).get(0);
        String name = "zookeeper-plain-" + SERVERS.incrementAndGet();
        List<String> configuration = new ArrayList<>(plain(port));
        configuration.addAll(more);
        ZooKeeperServer server = new ZooKeeperServer(SERVERS_DIRECTORY, name, port, false, configuration, properties);
        server.process.start();
        return server;
    }

    /** A member of an ensemble as the documentation shows it, with that and nothing else but more lines; not started yet. */
    static ZooKeeperServer plainMember(Path servers, int id, int port, List<String> members, List<String> more) {
        String name = "zookeeper-plain-member" + id + "-" + SERVERS.incrementAndGet();
        List<String> configuration =
                new ArrayList<>(List.of("tickTime=2000", "clientPort=" + port, "initLimit=10", "syncLimit=5"));
        configuration.addAll(members);
        configuration.addAll(more);
        ZooKeeperServer server = new ZooKeeperServer(servers, name, port, false, configuration, List.of());
        server.write("data/myid", Integer.toString(id));
        return server;
    }

    /** All limits are ZooKeeper's own. */
    private static List<String> plain(int port) {
        return List.of("tickTime=2000", "clientPort=" + port, "clientPortAddress=127.0.0.1");
    }

    /** A member of an ensemble; not started yet. */
    static ZooKeeperServer member(Path servers, int id, int port, List<String> members, List<String> properties) {
        String name = "zookeeper-3.9-member" + id + "-" + SERVERS.incrementAndGet();
        List<String> configuration = new ArrayList<>(common(port));
        configuration.addAll(List.of("initLimit=20", "syncLimit=4"));
        configuration.addAll(members);
        ZooKeeperServer server = new ZooKeeperServer(servers, name, port, false, configuration, properties);
        server.write("data/myid", Integer.toString(id));
        return server;
    }

    /**
     * All limits are ZooKeeper's own here as well, but for the tick: it is shorter, so that sessions expire and members miss each other sooner. Sessions may
     * be as short and as long as the tick of the sample lets them be.
     */
    private static List<String> common(int port) {
        return List.of(
                "clientPort=" + port,
                "clientPortAddress=127.0.0.1",
                "tickTime=" + TICK_MILLIS,
                "minSessionTimeout=4000",
                "maxSessionTimeout=40000");
    }

    private static String classPath(boolean old) {
        String tests = System.getProperty("java.class.path");
        String version = old ? "3.8" : System.getProperty("zookeeper.server", "");
        if (version.isEmpty()) {
            return tests;
        }
        return Path.of("target", "zookeeper-" + version).toAbsolutePath() + File.separator + "*" + File.pathSeparator
                + Arrays.stream(tests.split(File.pathSeparator))
                        .filter(entry -> !entry.contains("zookeeper"))
                        .collect(Collectors.joining(File.pathSeparator));
    }

    /** Has its configuration as it was made, with these lines instead of any given here before; read when the server is launched. */
    void configure(List<String> more) {
        List<String> lines = new ArrayList<>(configuration);
        lines.addAll(more);
        lines.add("dataDir=" + data());
        write("zoo.cfg", String.join("\n", lines) + "\n");
    }

    /** The lines of its configuration. */
    List<String> configuration() {
        try {
            return Files.readAllLines(directory.resolve("zoo.cfg"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String file, String text) {
        try {
            Path path = directory.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Where it keeps its data. */
    Path data() {
        return directory.resolve("data");
    }

    ServerProcess process() {
        return process;
    }

    /** Whether the server says within a second that it is the leader of its ensemble: if not, it may be one all the same. */
    boolean isLeader() {
        return ask(port, "srvr", 1_000).contains("Mode: leader");
    }

    /** The number of watches that the server keeps for all its clients. */
    int watches() {
        String total = ask(port, "wchs", 60_000).replaceAll("(?s).*Total watches:(\\d+).*", "$1");
        return Integer.parseInt(total.trim());
    }

    /** Whether the server serves clients. */
    boolean serves() {
        return serves(port);
    }

    private static boolean serves(int port) {
        return ask(port, "srvr", 1_000).contains("Mode:");
    }

    /** The answer to a command of four letters; empty if there is none in this time. */
    private static String ask(int port, String command, int millis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
            socket.setSoTimeout(millis);
            socket.getOutputStream().write(command.getBytes(UTF_8));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
