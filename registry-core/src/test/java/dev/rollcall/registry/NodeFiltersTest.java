package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.registry.Liveness.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NodeFiltersTest {
    private static final Instant NOW = Instant.parse("2026-11-28T00:00:00Z");
    private static final Predicate<Node<NodeStatus>> WITHIN_A_MINUTE =
            NodeFilters.updatedWithin(Duration.ofMinutes(1), InstantSource.fixed(NOW));

    private static Node<NodeStatus> node(long updateTs, Reason reason, NodeState state, boolean alive) {
        NodeStatus status =
                NodeStatus.builder("p", "h").updateTs(updateTs).state(state).build();
        boolean usable = alive && NodeCodec.tidbBinlog().isUsable(status);
        return new Node<>("pumps", "p", status, 1, false, new Liveness(alive, reason), usable);
    }

    private static Node<NodeStatus> writtenAt(Instant time, long logical, Reason reason) {
        return node((time.toEpochMilli() << 18) + logical, reason, NodeState.ONLINE, true);
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"UNCLAIMED", "WRITTEN_SINCE", "OWNER_GONE"})
    void nodeWithoutAClaimHasToHaveWrittenLately(Reason reason) {
        assertThat(WITHIN_A_MINUTE).accepts(writtenAt(NOW, 0, reason), writtenAt(NOW.minusSeconds(60), 0, reason));
        assertThat(WITHIN_A_MINUTE).accepts(writtenAt(NOW.plusSeconds(5), 262_143, reason));
        assertThat(WITHIN_A_MINUTE).rejects(writtenAt(NOW.minusMillis(60_001), 262_143, reason));
        assertThat(WITHIN_A_MINUTE).rejects(node(0, reason, NodeState.ONLINE, true));
        assertThat(WITHIN_A_MINUTE).rejects(node(Long.MIN_VALUE, reason, NodeState.ONLINE, true));
        assertThat(WITHIN_A_MINUTE).accepts(node(Long.MAX_VALUE, reason, NodeState.ONLINE, true));
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"CLAIMED", "LEASED"})
    void nodeWithAClaimNeedsNoSuchSign(Reason reason) {
        assertThat(WITHIN_A_MINUTE).accepts(node(0, reason, NodeState.ONLINE, true));
    }

    @Test
    void limitIsPositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeFilters.updatedWithin(Duration.ZERO))
                .withMessageContaining("limit");
    }

    @ParameterizedTest
    @CsvSource({"ONLINE,true,true", "ONLINE,false,false", "PAUSING,true,false", "CLOSING,true,false"})
    void usableIsAliveAndOnline(NodeState state, boolean alive, boolean usable) {
        assertThat(NodeFilters.<NodeStatus>usable().test(node(0, Reason.CLAIMED, state, alive)))
                .isEqualTo(usable);
    }

    @Test
    void recordWithoutLabelsHasNone() {
        Node<NodeStatus> node = node(0, Reason.CLAIMED, NodeState.ONLINE, true);
        assertThat(NodeFilters.<NodeStatus>labelled(status -> null, "zone", "a").test(node))
                .isFalse();
    }
}
