package dev.rollcall.hosts;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Real servers in processes of their own, on free ports of the loopback interface; they end with this. */
public final class Servers implements AutoCloseable {
    private static final long START_SECONDS = 120;

    private final List<Process> running = new ArrayList<>();
    private final Path data;

    public Servers() throws IOException {
        data = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "servers");
    }

    /** Starts what the word names, and returns a URL of ours for it; for {@code inmemory} there is nothing to start. */
    public String start(String store) throws Exception {
        return switch (store) {
            case "inmemory" -> "inmemory:smoke";
            case "etcd" -> "etcd://127.0.0.1:" + etcd() + "/smoke";
            case "zookeeper" -> "zookeeper://127.0.0.1:" + zooKeeper() + "/smoke";
            default -> throw new IllegalArgumentException("No such store: " + store);
        };
    }

    public int etcd() throws Exception {
        int port = freePort();
        String client = "http://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + freePort();
        return start(port, List.of(
                etcdProgram(), "--name=m", "--data-dir=" + data.resolve("etcd"), "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client, "--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=m=" + peer));
    }

    /** The program on this machine, or one that is fetched: the project's script knows. */
    private static String etcdProgram() throws Exception {
        Process finder = new ProcessBuilder(System.getProperty("etcd.finder"), "any").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String program = new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (finder.waitFor() != 0) {
            throw new IllegalStateException("There is no etcd, for the reason above.");
        }
        return program;
    }

    public int zooKeeper() throws Exception {
        int port = freePort();
        return start(port, List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dzookeeper.admin.enableServer=false", "-cp",
                System.getProperty("zookeeper.classpath"), "org.apache.zookeeper.server.ZooKeeperServerMain", Integer.toString(port),
                data.resolve("zookeeper").toString()));
    }

    private int start(int port, List<String> command) throws Exception {
        Path log = data.resolve("log-" + port + ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        running.add(process);
        long begun = System.nanoTime();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                throw new IllegalStateException("The server did not start: " + command + "\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return port;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws Exception {
        for (Process process : running) {
            process.destroyForcibly().waitFor();
        }
        // Logs stay, data does not: each etcd reserves 128 MB.
        for (String store : List.of("etcd", "zookeeper")) {
            delete(data.resolve(store));
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
