package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.zookeeper.ZooKeeperStores;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A command that is told to end by a signal, whichever and on whatever store, leaves nothing behind there. */
class SignalTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    static Stream<Arguments> signals() {
        Supplier<String> etcd = () -> EtcdStores.newUrl() + "?timeout=30s";
        Supplier<String> zooKeeper = () -> ZooKeeperStores.newUrl() + "?timeout=30s&sessionTimeout=30s";
        return Stream.of(
                Arguments.of("HUP", 1, "etcd", etcd),
                Arguments.of("INT", 2, "etcd", etcd),
                Arguments.of("TERM", 15, "etcd", etcd),
                Arguments.of("INT", 2, "ZooKeeper", zooKeeper));
    }

    static Stream<Arguments> stores() {
        return signals().skip(2);
    }

    private Process start(String url, Class<?> program, List<String> args) throws IOException, InterruptedException {
        // What is run in the background, or by nohup, ignores signals, and so does what it starts, unless it is told
        // not to.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
        if (!canResetSignals()) {
            line.clear();
        }
        line.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        line.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("ROLLCALL_BACKEND", url);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder.start();
    }

    /** The env of GNU can. */
    private static boolean canResetSignals() throws IOException, InterruptedException {
        return new ProcessBuilder("env", "--default-signal=HUP,INT,TERM", "true")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("out")) + Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** As a shell reports it: 128 and the number of the signal. */
    private void endsBy(Process process, int number) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("whether it ends")
                .isTrue();
        assertThat(process.exitValue()).as(this::said).isEqualTo(128 + number);
    }

    private void awaitSaid(Process process, String... patterns) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(process.isAlive()).as(this::said).isTrue();
            assertThat(Stream.of(patterns))
                    .allSatisfy(pattern -> assertThat(said()).containsPattern(pattern));
        });
    }

    /** The words of several commands for {@link SignalProgram}. */
    private static List<String> commands(List<List<String>> commands) {
        List<String> words = new ArrayList<>();
        commands.forEach(command -> {
            words.addAll(words.isEmpty() ? List.of() : List.of(SignalProgram.NEXT));
            words.addAll(command);
        });
        return words;
    }

    /** A command under a lock or an office that says when it begins and when it is told to end. */
    private List<String> turn(String verb, Path ended) {
        String command = "trap 'echo " + verb + " was told >>" + ended + "; exit 5' TERM; echo " + verb
                + " runs; while :; do sleep 0.1; done";
        return List.of(verb, "/turns/" + verb, "--ttl", "20m", "--grace", "2m", "--", "sh", "-c", command);
    }

    /** A lease of 20 minutes is far longer than the test waits: what is gone was not left to its ttl. */
    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("signals")
    void everyCommandClosesWhatItHasOpened(String signal, int number, String store, Supplier<String> newUrl)
            throws Exception {
        String url = newUrl.get();
        Path ended = folder.resolve("ended");
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            Futures.await(backend.put(Key.of("/w/a"), Bytes.ofUtf8("1")));
            Process process = start(
                    url,
                    SignalProgram.class,
                    commands(List.of(
                            List.of("put", "/held", "v", "--hold", "--ttl", "20m"),
                            List.of("nodes", "register", "pumps", "--ttl", "20m"),
                            // One of two runs its command, the other waits.
                            turn("lock", ended),
                            turn("lock", ended),
                            turn("elect", ended),
                            turn("elect", ended),
                            List.of("watch", "/w"),
                            List.of("watch", "/w", "--exec", "sleep 1000 & echo child $!.; wait; true"))));
            ProcessHandle sleep = null;
            try {
                // Held open, as a supervisor's or a terminal is.
                OutputStream input = process.getOutputStream();
                input.write("{\"nodeId\":\"p\",\"state\":\"online\"}\n".getBytes(StandardCharsets.UTF_8));
                input.flush();
                awaitSaid(
                        process,
                        "/held written",
                        "REGISTERED",
                        "lock runs",
                        "elect runs",
                        "Waits for the lock",
                        "Waits to lead",
                        "entry +\\d+ +/w/a",
                        "child \\d+\\.");
                assertThat(Futures.await(backend.get(Key.of("/held"))).entry()).isPresent();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(places(backend)).hasSize(4));
                assertThat(ended).doesNotExist();
                sleep = ProcessHandle.of(Long.parseLong(said().replaceAll("(?s).*child (\\d+)\\..*", "$1")))
                        .orElseThrow();
                signal(process, signal);
                endsBy(process, number);
                assertThat(Futures.await(backend.get(Key.of("/held"))).entry()).isEmpty();
                Node<NodeStatus> left = registry.node("pumps", "p").orElseThrow();
                assertThat(left.value().state()).isEqualTo(NodeState.PAUSED);
                assertThat(left.isAlive()).isFalse();
                assertThat(ended).content().contains("lock was told", "elect was told");
                assertThat(places(backend)).isEmpty();
                assertThat(sleep.onExit()).succeedsWithin(PATIENCE);
                assertThat(said()).doesNotContain("a fault in this program");
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                if (sleep != null) {
                    sleep.destroyForcibly();
                }
            }
        }
    }

    private static List<Key> places(KvBackend backend) throws InterruptedException {
        return Futures.await(backend.keys(Directory.of("/turns"))).keys().stream()
                .filter(key -> key.path().contains("/place-"))
                .toList();
    }

    /** By itself, as it does not wait for the others. */
    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("stores")
    void theDemoTakesItsRecordsAway(String signal, int number, String store, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        Process process = start(url, Main.class, List.of("demo", "--plain", "--ttl", "20s"));
        List<ProcessHandle> children = List.of();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            // The story is at the crash, and would wait for the ttl.
            awaitSaid(process, "crash without a word");
            children = process.descendants().toList();
            signal(process, signal);
            endsBy(process, number);
            assertThat(registry.nodes("pumps")).isEmpty();
            assertThat(registry.nodes("drainers")).isEmpty();
            assertThat(said()).doesNotContain("a fault in this program");
        } finally {
            children.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
