package dev.rollcall.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A node in a process of its own that comes to an end which nobody has asked for. */
class ProcessNodeTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final NodeStatus STATUS =
            NodeStatus.builder("p", "h:8250").state(NodeState.ONLINE).build();

    private static NodeFailure awaitFailure(ProcessNode node) {
        await().atMost(PATIENCE).until(() -> node.failure() != null);
        return Objects.requireNonNull(node.failure());
    }

    private static Set<ProcessHandle> children() {
        return ProcessHandle.current().children().collect(Collectors.toSet());
    }

    @Test
    void aRefusalReachesWhoeverWaitsForTheNode() {
        try (ProcessNode node = new ProcessNode("denied:process-node", "pumps", Duration.ofSeconds(2))) {
            node.start(STATUS);
            NodeFailure failure = awaitFailure(node);
            assertThat(failure.reason())
                    .startsWith("its process has ended with exit code 5")
                    .contains("The node has not been written: ", "this user may not write");
            assertThat(failure.code()).isEqualTo(ExitCode.DENIED);
        }
    }

    @Test
    void aProcessThatSomebodyElseEndsIsAFailureAndOneThatCrashesInTheStoryIsNot() {
        try (ProcessNode node = new ProcessNode("inmemory:process-node", "pumps", Duration.ofSeconds(2))) {
            Set<ProcessHandle> before = children();
            node.start(STATUS);
            children().stream().filter(child -> !before.contains(child)).forEach(ProcessHandle::destroyForcibly);
            NodeFailure failure = awaitFailure(node);
            assertThat(failure.reason()).contains("exit code 137");
            assertThat(failure.code()).isEqualTo(ExitCode.REFUSED);
            node.crash();
            assertThat(node.failure()).isNull();
        }
    }
}
