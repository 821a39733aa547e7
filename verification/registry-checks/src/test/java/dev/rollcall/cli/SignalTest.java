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
import dev.rollcall.registry.Liveness;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A command that is told to end by a signal leaves nothing behind in the store. */
class SignalTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** As a shell reports it: 128 and the number of SIGTERM. */
    private static final int TERMINATED = 128 + 15;

    @TempDir
    Path folder;

    static Stream<Arguments> stores() {
        return Stream.of(
                Arguments.of("etcd", (Supplier<String>) () -> EtcdStores.newUrl() + "?timeout=30s"),
                Arguments.of("ZooKeeper", (Supplier<String>)
                        () -> ZooKeeperStores.newUrl() + "?timeout=30s&sessionTimeout=30s"));
    }

    private Process start(String url, String... args) throws IOException {
        return startInto("", url, args);
    }

    /** {@code files} is what the names of the files begin with that its output goes to. */
    private Process startInto(String files, String url, String... args) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectOutput(folder.resolve(files + "out").toFile())
                .redirectError(folder.resolve(files + "err").toFile());
        builder.environment().put("ROLLCALL_BACKEND", url);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder.start();
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("out")) + Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void endsByTheSignal(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("whether it ends")
                .isTrue();
        assertThat(process.exitValue()).as(this::said).isEqualTo(TERMINATED);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stores")
    void aRegisteredNodeLeaves(String name, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        // Far longer than the test waits: what is gone was not left to its ttl.
        Process process = start(url, "nodes", "register", "pumps", "--ttl", "20m");
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            // Held open, as a supervisor's or a terminal is.
            OutputStream input = process.getOutputStream();
            input.write("{\"nodeId\":\"p\",\"state\":\"online\"}\n".getBytes(StandardCharsets.UTF_8));
            input.flush();
            awaitNode(registry, process, node -> node.liveness().reason() == Liveness.Reason.CLAIMED);
            process.destroy();
            endsByTheSignal(process);
            Node<NodeStatus> left = registry.node("pumps", "p").orElseThrow();
            assertThat(left.value().state()).isEqualTo(NodeState.PAUSED);
            assertThat(left.isAlive()).isFalse();
        } finally {
            process.destroyForcibly();
        }
    }

    private void awaitSaid(Process process, String pattern) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(process.isAlive()).as(this::said).isTrue();
            assertThat(said()).containsPattern(pattern);
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stores")
    void aHeldEntryGoesAtOnce(String name, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        Process process = start(url, "put", "/held", "v", "--hold", "--ttl", "20m");
        try (KvBackend backend = KvBackends.open(url)) {
            awaitSaid(process, "/held written");
            assertThat(Futures.await(backend.get(Key.of("/held"))).entry()).isPresent();
            process.destroy();
            endsByTheSignal(process);
            assertThat(Futures.await(backend.get(Key.of("/held"))).entry()).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    /** While it holds its turn, the command below it is told to end before the turn is given up; who waits leaves the queue. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("stores")
    void aTurnIsGivenUpOnceItsCommandHasEnded(String name, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        Path ended = folder.resolve("ended");
        String command = "trap 'echo told >" + ended + "; exit 5' TERM; echo runs; while :; do sleep 0.1; done";
        for (String verb : List.of("lock", "elect")) {
            String directory = "/turns/" + verb;
            Process holder = start(url, verb, directory, "--ttl", "20m", "--grace", "2m", "--", "sh", "-c", command);
            Process waiter = null;
            try (KvBackend backend = KvBackends.open(url)) {
                awaitSaid(holder, "runs");
                waiter = startInto("waiter-", url, verb, directory, "--ttl", "20m", "--", "false");
                awaitPlaces(backend, directory, 2);
                waiter.destroy();
                endsByTheSignal(waiter);
                awaitPlaces(backend, directory, 1);
                assertThat(ended).doesNotExist();
                holder.destroy();
                endsByTheSignal(holder);
                assertThat(ended).hasContent("told");
                awaitPlaces(backend, directory, 0);
                Files.delete(ended);
            } finally {
                holder.descendants().forEach(ProcessHandle::destroyForcibly);
                holder.destroyForcibly();
                if (waiter != null) {
                    waiter.destroyForcibly();
                }
            }
        }
    }

    private static void awaitPlaces(KvBackend backend, String directory, int count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Futures.await(backend.keys(Directory.of(directory)))
                                .keys())
                        .filteredOn(key -> key.path().contains("/place-"))
                        .hasSize(count));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stores")
    void aWatchEndsWithWhatItsCommandHasStarted(String name, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        try (KvBackend backend = KvBackends.open(url)) {
            Futures.await(backend.put(Key.of("/w/a"), Bytes.ofUtf8("1")));
        }
        Process process = start(url, "watch", "/w", "--exec", "sleep 1000 & echo child $!.; wait; true");
        ProcessHandle sleep = null;
        try {
            awaitSaid(process, "child \\d+\\.");
            long pid = Long.parseLong(said().replaceAll("(?s).*child (\\d+)\\..*", "$1"));
            sleep = ProcessHandle.of(pid).orElseThrow();
            process.destroy();
            endsByTheSignal(process);
            assertThat(sleep.onExit()).succeedsWithin(PATIENCE);
        } finally {
            if (sleep != null) {
                sleep.destroyForcibly();
            }
            process.destroyForcibly();
        }
    }

    private void awaitNode(
            NodeRegistry<NodeStatus> registry, Process process, java.util.function.Predicate<Node<NodeStatus>> wanted) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(process.isAlive()).as(this::said).isTrue();
            Optional<Node<NodeStatus>> node = registry.node("pumps", "p");
            assertThat(node.filter(wanted)).isPresent();
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stores")
    void theDemoTakesItsRecordsAway(String name, Supplier<String> newUrl) throws Exception {
        String url = newUrl.get();
        Process process = start(url, "demo", "--plain", "--ttl", "20s");
        List<ProcessHandle> children = List.of();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            // The story is at the crash, and would wait for the ttl.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(said()).contains("crash without a word"));
            children = process.descendants().toList();
            process.destroy();
            endsByTheSignal(process);
            assertThat(registry.nodes("pumps")).isEmpty();
            assertThat(registry.nodes("drainers")).isEmpty();
            assertThat(said()).doesNotContain("a fault in this program");
        } finally {
            children.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
