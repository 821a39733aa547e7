package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must be refused at once, naming the culprit, before anything is sent. */
@NullUnmarked
class BadInputTest extends RegistryFixture {
    private static final NodeWatchListener<NodeStatus> DEAF = new NodeWatchListener<>() {
        @Override
        public void onNodes(NodeSignal<NodeStatus> signal) {}

        @Override
        public void onEnd(KvException cause) {}
    };

    private final NodeRegistry<NodeStatus> registry = registry();

    private Stream<ThrowingCallable> callsWithNodeId(String nodeId) {
        return Stream.of(
                () -> registry.node(PUMPS, nodeId),
                () -> registry.updateNode(PUMPS, nodeId, status("p")),
                () -> registry.updateNode(PUMPS, nodeId, node -> node),
                () -> registry.updateOrCreateNode(PUMPS, nodeId, status("p"), node -> node),
                () -> registry.removeNode(PUMPS, nodeId),
                () -> registry.removeNode(PUMPS, nodeId, 1),
                () -> registry.register(PUMPS, nodeId, status("p"), RegistrationMode.EPHEMERAL));
    }

    private Stream<ThrowingCallable> callsWithKind(String kind) {
        return Stream.of(
                () -> registry.node(kind, "p"),
                () -> registry.nodes(kind),
                () -> registry.updateNode(kind, "p", status("p")),
                () -> registry.removeNode(kind, "p"),
                () -> registry.view(kind),
                () -> registry.watchNodes(kind, WatchStart.snapshot(), DEAF),
                () -> registry.register(kind, "p", status("p"), RegistrationMode.EPHEMERAL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\u0000", "a\u007F", "\uD83D\uDE00"})
    void segmentsThatAreNone(String segment) {
        callsWithNodeId(segment)
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("Not a nodeId"));
        callsWithKind(segment)
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("Not a kind"));
        assertNothingWasSent();
    }

    @Test
    void segmentsThatAreTooLong() {
        callsWithNodeId("x".repeat(500))
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("512"));
        assertNothingWasSent();
    }

    @Test
    void nulls() {
        callsWithNodeId(null)
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOf(NullPointerException.class)
                        .hasMessage("nodeId"));
        callsWithKind(null)
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOf(NullPointerException.class)
                        .hasMessage("kind"));
        Stream.<ThrowingCallable>of(
                        () -> registry.updateNode(PUMPS, "p", (NodeStatus) null),
                        () -> registry.updateNode(PUMPS, "p", (UnaryOperator<NodeStatus>) null),
                        () -> registry.updateOrCreateNode(PUMPS, "p", null, node -> node),
                        () -> registry.watchNodes(PUMPS, null, DEAF),
                        () -> registry.watchNodes(PUMPS, WatchStart.snapshot(), null),
                        () -> registry.register(PUMPS, "p", null, RegistrationMode.EPHEMERAL),
                        () -> registry.register(PUMPS, "p", status("p"), (RegistrationMode) null),
                        () -> registry.nodeIdOf(null),
                        () -> NodeRegistry.builder(null, NodeCodec.tidbBinlog()),
                        () -> NodeRegistry.builder(handle, null),
                        () -> NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                                .root(null),
                        () -> NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                                .time(null),
                        () -> NodeLabel.of(Map.of()).labels().put("a", null))
                .forEach(call -> assertThatThrownBy(call)
                        .isInstanceOfAny(NullPointerException.class, UnsupportedOperationException.class));
        assertNothingWasSent();
    }

    @Test
    void changeThatReturnsNothing() throws InterruptedException {
        registry.updateNode(PUMPS, "p", status("p"));
        assertThatThrownBy(() -> registry.updateNode(PUMPS, "p", node -> null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("what the change returned");
    }

    @Test
    void revisionsAndDurationsThatAreNotPositive() {
        RegistrationOptions options = RegistrationOptions.of(RegistrationMode.EPHEMERAL);
        Stream.<ThrowingCallable>of(
                        () -> registry.removeNode(PUMPS, "p", 0),
                        () -> NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                                .requestTimeout(Duration.ZERO),
                        () -> NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                                .requestTimeout(Duration.ofHours(999_999_999)),
                        () -> options.withTtl(Duration.ZERO),
                        () -> options.withTtl(Duration.ofSeconds(-1)),
                        () -> options.withPauses(Duration.ZERO, Duration.ofSeconds(1)),
                        () -> options.withPauses(Duration.ofSeconds(2), Duration.ofSeconds(1)),
                        () -> new NodeChange<>("p", null, null))
                .forEach(call -> assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class));
        assertNothingWasSent();
    }

    private void assertNothingWasSent() {
        assertThat(handle.get(key("pumps/p")).join().revision()).isZero();
    }
}
