package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.etcd.EtcdStores;
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
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
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
