package dev.rollcall.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSet;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandTest {
    private static final String STORE = "demo-command-test";

    @TempDir
    Path folder;

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(STORE);
    }

    @Test
    void tellsTheWholeStoryAndChecksIt() {
        StringWriter out = new StringWriter();
        int code = new CommandLine(new DemoCommand())
                .setOut(new PrintWriter(out, true))
                .execute("--backend", "inmemory:" + STORE, "--plain", "--ttl", "PT0.2S", "--nodes", "30");
        assertThat(code).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("joined")
                .contains("is not alive any more")
                .contains("comes back")
                .contains("offline")
                .contains(" left")
                .contains("the watcher's view of 29 nodes equals a fresh list");
    }

    private static Exception failure(StringWriter out, String backend) {
        CommandLine command = new CommandLine(new DemoCommand()).setOut(new PrintWriter(out, true));
        List<Exception> failures = new ArrayList<>();
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            failures.add(failure);
            return -1;
        });
        command.execute("--backend", backend, "--plain");
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    @Test
    void whoMayNotWriteLearnsThatBeforeNodesAreStarted() {
        StringWriter out = new StringWriter();
        assertThat(failure(out, "denied:demo"))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("this user may not write");
        assertThat(out.toString()).doesNotContain(" register.");
        InMemoryStore.drop("refusing-demo");
    }

    @Test
    void aNodeOfSomebodyElseIsNotTakenOver() throws InterruptedException {
        StringWriter out = new StringWriter();
        NodeStatus theirs = DemoInput.read(null, null).get(0).status();
        try (KvBackend backend = KvBackends.open("inmemory:" + STORE);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
                Registration<NodeStatus> registration =
                        registry.register("pumps", theirs.nodeId(), theirs, RegistrationMode.PERSISTENT)) {
            registration.awaitRegistered(Duration.ofMinutes(1));
            long revision =
                    registry.node("pumps", theirs.nodeId()).orElseThrow().revision();
            int code = new CommandLine(new DemoCommand())
                    .setOut(new PrintWriter(out, true))
                    .execute("--backend", "inmemory:" + STORE, "--plain");
            assertThat(code).as(out.toString()).isEqualTo(ExitCode.REFUSED);
            assertThat(out.toString())
                    .contains("FAILED: pumps/" + theirs.nodeId() + " is there already and alive")
                    .doesNotContain(" register.");
            assertThat(registry.node("pumps", theirs.nodeId()).orElseThrow().revision())
                    .isEqualTo(revision);
        }
    }

    @Test
    void aStoreThatDoesNotAnswerIsNoFaultOfTheArguments() {
        assertThat(failure(new StringWriter(), "etcd://127.0.0.1:1"))
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("etcd://127.0.0.1:1");
    }

    @Test
    void aViewThatDiffersFromTheListIsAFailure() throws InterruptedException {
        List<String> failures = new ArrayList<>();
        NodeStatus ghost = NodeStatus.builder("ghost", "h:8250").build();
        Liveness unclaimed = new Liveness(true, Liveness.Reason.UNCLAIMED);
        Node<NodeStatus> node = new Node<>("pumps", "ghost", ghost, 1, false, unclaimed, true);
        NodeSet<NodeStatus> list = NodeSet.of(0, List.of(node), List.of());
        try (Watcher watcher =
                new Watcher(BackendUrl.parse("inmemory:" + STORE), new PrintWriter(new StringWriter()), false)) {
            watcher.awaitReady(Duration.ofSeconds(90));
            watcher.compare("pumps", () -> list, Duration.ofSeconds(90), failures);
        }
        assertThat(failures)
                .singleElement()
                .asString()
                .contains("The view of pumps")
                .contains("ghost");
    }

    /** On ZooKeeper a list has a revision of its own, which no view shows. */
    @Test
    void aViewThatHasPassedTheListAndEqualsItIsNoReasonToListAgain() throws InterruptedException {
        List<String> failures = new ArrayList<>();
        AtomicInteger lists = new AtomicInteger();
        try (KvBackend backend = KvBackends.open("inmemory:" + STORE)) {
            Futures.await(backend.put(Key.of("/tidb-binlog/v1/other/o"), Bytes.EMPTY));
        }
        try (Watcher watcher =
                new Watcher(BackendUrl.parse("inmemory:" + STORE), new PrintWriter(new StringWriter()), false)) {
            watcher.awaitReady(Duration.ofSeconds(90));
            NodeSet<NodeStatus> list = NodeSet.of(0, List.of(), List.of());
            Watcher.Listing listing = () -> {
                lists.incrementAndGet();
                return list;
            };
            assertThat(watcher.compare("pumps", listing, Duration.ofSeconds(90), failures))
                    .isZero();
        }
        assertThat(failures).isEmpty();
        assertThat(lists).hasValue(1);
    }

    @Test
    void theBundledInputHasTheVectorsAndSkipsTheNilPointer() {
        List<DemoInput.Line> lines = DemoInput.read(null, null);
        assertThat(lines).hasSize(9);
        assertThat(lines.get(0).status().nodeId()).isEqualTo("ip-172-16-30-67:8250");
        assertThat(lines.get(2).kind()).isEqualTo("drainers");
    }

    @Test
    void aBadLineIsNamed() throws IOException {
        Path file = folder.resolve("nodes.jsonl");
        Files.writeString(file, "{\"nodeId\":\"a\"}\n\n{\"nodeId\":5}\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoInput.read(file, null))
                .withMessageContaining("Line 3 of '" + file + "' is not a node status");
        Files.writeString(file, "{\"nodeId\":\"a\"}\n{\"nodeId\":\"a\"}\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoInput.read(file, null))
                .withMessageContaining("Line 2")
                .withMessageContaining("of line 1 again");
        for (String id : List.of("a/b", "..", "x".repeat(2000))) {
            Files.writeString(file, "{\"nodeId\":\"a\"}\n{\"nodeId\":\"" + id + "\"}\n");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> DemoInput.read(file, null))
                    .withMessageContaining("Line 2 of '" + file + "' has ");
        }
        Files.writeString(file, "{}\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoInput.read(file, null))
                .withMessageContaining("Line 1")
                .withMessageContaining("has no nodeId");
        Files.writeString(file, "\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DemoInput.read(file, null))
                .withMessageContaining("has no node status");
    }
}
