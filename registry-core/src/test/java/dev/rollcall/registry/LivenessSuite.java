package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.registry.Liveness.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is alive, by all ways to ask, on whatever store: the table of {@link Liveness}, row by row. */
abstract class LivenessSuite extends RegistryFixture {
    private static final String CLAIM = ".rollcall/alive/pumps/p";
    private static final String MARK = ".rollcall/kept/pumps/p";

    private final KvBackend owner = store.open();
    private final NodeRegistry<NodeStatus> owning = registry(owner);
    private final NodeRegistry<NodeStatus> asking = registry();
    private final NodeView<NodeStatus> view = asking.view(PUMPS);
    private final Map<String, Node<NodeStatus>> watched = new ConcurrentHashMap<>();

    LivenessSuite() {
        asking.watchNodes(PUMPS, WatchStart.snapshot(), new NodeWatchListener<>() {
            @Override
            public void onNodes(NodeSignal<NodeStatus> signal) {
                if (signal.snapshot()) {
                    watched.clear();
                }
                for (NodeEvent<NodeStatus> event : signal.events()) {
                    watched.remove(event.nodeId());
                    if (event instanceof NodeEvent.Present<NodeStatus> present) {
                        watched.put(event.nodeId(), present.node());
                    }
                }
            }

            @Override
            public void onEnd(@Nullable KvException cause) {}
        });
    }

    /** As pumps in Go write it: {@code isAlive} is false in every state. */
    private static String go(String state) {
        return "{\"nodeId\":\"p\",\"host\":\"h:8250\",\"state\":\"" + state
                + "\",\"isAlive\":false,\"score\":0,\"label\":null,\"maxCommitTS\":1,\"updateTS\":2}";
    }

    private void eventuallyEverywhere(boolean alive, Reason reason) {
        eventuallyEverywhere(alive, reason, null);
    }

    /** The node p, by each of the ways to ask. */
    private void eventuallyEverywhere(boolean alive, Reason reason, @Nullable NodeState state) {
        Liveness expected = new Liveness(alive, reason);
        eventually(() -> {
            Optional<Node<NodeStatus>> found = asking.node(PUMPS, "p");
            assertThat(found).isPresent();
            Node<NodeStatus> node = found.get();
            assertThat(node.liveness()).isEqualTo(expected);
            assertThat(state == null ? null : node.value().state()).isEqualTo(state);
            assertThat(asking.nodes(PUMPS)).containsExactly(node);
            assertThat(view.nodes()).containsExactly(node);
            assertThat(watched.values()).containsExactly(node);
            assertThat(NodeFilters.<NodeStatus>alive().test(node)).isEqualTo(alive);
            assertThat(node.isUsable()).isEqualTo(alive && node.value().state() == NodeState.ONLINE);
        });
    }

    private Registration<NodeStatus> register(NodeState state) {
        NodeStatus first = NodeStatus.builder("p", "h:8250").state(state).build();
        Registration<NodeStatus> registration = owning.register(
                PUMPS, "p", first, RegistrationOptions.of(PERSISTENT).withTtl(Duration.ofSeconds(30)));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        return registration;
    }

    @ParameterizedTest
    @CsvSource({"online,true", "pausing,true", "closing,true", "paused,false", "offline,false", "gone,false", "'',false"
    })
    void recordThatNobodyClaimsIsJudgedByItsState(String state, boolean alive) throws InterruptedException {
        put("pumps/p", go(state));
        eventuallyEverywhere(alive, Reason.UNCLAIMED);
        put("pumps/p", go(state).replace("\"isAlive\":false", "\"isAlive\":true"));
        eventuallyEverywhere(alive, Reason.UNCLAIMED);
    }

    @ParameterizedTest
    @CsvSource({"ONLINE,PAUSED", "PAUSING,PAUSED", "PAUSED,PAUSED", "CLOSING,OFFLINE", "OFFLINE,OFFLINE"})
    void closingLeavesTheStateThatTidbExpects(NodeState before, NodeState after) throws InterruptedException {
        Registration<NodeStatus> registration = register(before);
        eventuallyEverywhere(true, Reason.CLAIMED, before);
        registration.update(registration.value().toBuilder()
                .alive(true)
                .score(7)
                .maxCommitTs(8)
                .build());
        registration.close();
        eventuallyEverywhere(false, Reason.OWNER_GONE, after);
        NodeStatus left = asking.node(PUMPS, "p").orElseThrow().value();
        assertThat(left)
                .isEqualTo(NodeStatus.builder("p", "h:8250")
                        .state(after)
                        .score(7)
                        .maxCommitTs(8)
                        .build());
        assertThat(Futures.await(handle.get(key(CLAIM))).isPresent()).isFalse();
        assertThat(Futures.await(handle.get(key(MARK))).entry().orElseThrow().revision())
                .isEqualTo(asking.node(PUMPS, "p").orElseThrow().revision());
    }

    @Test
    void pausingAndDrainingGoFromOnlineOnly() {
        Registration<NodeStatus> registration = register(NodeState.ONLINE);
        registration.pause();
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.PAUSING);
        assertThatIllegalStateException()
                .isThrownBy(registration::drain)
                .withMessageContaining("'pausing'")
                .withMessageContaining("'closing'");
        registration.update(registration.value().withState(NodeState.ONLINE));
        registration.drain();
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.CLOSING);
        assertThatIllegalStateException().isThrownBy(registration::pause);
        registration.close();
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.OFFLINE);
    }

    @Test
    void crashLeavesTheStateAndADeadNode() {
        register(NodeState.ONLINE);
        store.cut(owner);
        store.expireLeases(owner);
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.ONLINE);
        store.heal(owner);
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.ONLINE);
    }

    @Test
    void idThatAProcessInGoTakesOverIsJudgedByWhatThatWrites() throws InterruptedException {
        register(NodeState.ONLINE).close();
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.PAUSED);
        put("pumps/p", go("online"));
        eventuallyEverywhere(true, Reason.WRITTEN_SINCE, NodeState.ONLINE);
        put("pumps/p", go("paused"));
        eventuallyEverywhere(false, Reason.WRITTEN_SINCE, NodeState.PAUSED);
        // And back: the same bytes as Go's are still a write of ours.
        register(NodeState.PAUSED);
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.PAUSED);
        store.cut(owner);
        store.expireLeases(owner);
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.PAUSED);
    }

    @Test
    void claimedNodeIsAliveWhateverOthersWrite() throws InterruptedException {
        Registration<NodeStatus> registration = register(NodeState.ONLINE);
        put("pumps/p", go("offline"));
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.ONLINE);
        store.cut(owner);
        put("pumps/p", go("closing"));
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.CLOSING);
        store.expireLeases(owner);
        eventuallyEverywhere(true, Reason.WRITTEN_SINCE, NodeState.CLOSING);
        store.heal(owner);
        eventuallyEverywhere(true, Reason.CLAIMED, NodeState.ONLINE);
        registration.close();
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.PAUSED);
    }

    @Test
    void changeByFunctionLeavesADeadNodeDeadAndABlindOneDoesNot() throws InterruptedException {
        register(NodeState.CLOSING).close();
        Node<NodeStatus> changed = asking.updateNode(PUMPS, "p", status -> status.withState(NodeState.ONLINE));
        assertThat(changed.liveness()).isEqualTo(new Liveness(false, Reason.OWNER_GONE));
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.ONLINE);
        asking.updateNode(PUMPS, "p", changed.value());
        eventuallyEverywhere(true, Reason.WRITTEN_SINCE, NodeState.ONLINE);
        Node<NodeStatus> again = asking.updateNode(PUMPS, "p", status -> status.withScore(1));
        assertThat(again.liveness()).isEqualTo(new Liveness(true, Reason.WRITTEN_SINCE));
        eventuallyEverywhere(true, Reason.WRITTEN_SINCE, NodeState.ONLINE);
    }

    @Test
    void leasedRecordIsAliveAndRemovedNodesLeaveNoMark() throws InterruptedException {
        register(NodeState.ONLINE).close();
        assertThat(asking.removeNode(PUMPS, "p")).isTrue();
        assertThat(Futures.await(handle.get(key(MARK))).isPresent()).isFalse();
        Lease lease = Futures.await(handle.grantLease(Duration.ofSeconds(30)));
        Futures.await(handle.put(key("pumps/p"), bytes(go("offline")), lease));
        eventuallyEverywhere(true, Reason.LEASED, NodeState.OFFLINE);
        Futures.await(lease.revoke());
        eventually(() -> assertThat(List.of(view.nodes(), watched.values())).allMatch(Collection::isEmpty));
    }

    @Test
    void leasedRegistrationIsAliveByItsClaim() {
        owning.register(PUMPS, "p", status("p"), EPHEMERAL);
        eventuallyEverywhere(true, Reason.CLAIMED);
    }

    @Test
    void markThatIsRemovedByHandComesBack() throws InterruptedException {
        register(NodeState.ONLINE);
        Futures.await(handle.delete(key(MARK)));
        eventually(() ->
                assertThat(Futures.await(handle.get(key(MARK))).isPresent()).isTrue());
        store.cut(owner);
        store.expireLeases(owner);
        eventuallyEverywhere(false, Reason.OWNER_GONE, NodeState.ONLINE);
    }
}
