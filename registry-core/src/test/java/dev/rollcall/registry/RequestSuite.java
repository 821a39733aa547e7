package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked of the owner of a node from outside, on whatever store. */
abstract class RequestSuite extends RegistryFixture {
    private static final String ENTRY = ".rollcall/requests/pumps/p";

    private final NodeRegistry<NodeStatus> owning = registry(store.open());
    private final NodeRegistry<NodeStatus> asking = registry();

    private Registration<NodeStatus> register(NodeRegistry<NodeStatus> on, RegistrationMode mode) {
        Registration<NodeStatus> registration = on.register(
                PUMPS,
                "p",
                NodeStatus.builder("p", "h:8250").state(NodeState.ONLINE).build(),
                RegistrationOptions.of(mode).withTtl(Duration.ofSeconds(30)));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        return registration;
    }

    private boolean isPresent(String path) throws InterruptedException {
        return Futures.await(handle.get(key(path))).isPresent();
    }

    private NodeState state() throws InterruptedException {
        return asking.node(PUMPS, "p").orElseThrow().value().state();
    }

    @Test
    void ownerPausesWhenItIsAskedToAndRefusesWhatItCannotDo() throws InterruptedException {
        Registration<NodeStatus> registration = register(owning, PERSISTENT);
        asking.request(PUMPS, "p", NodeRequest.PAUSE, "ops@console");
        assertThat(state()).isEqualTo(NodeState.PAUSING);
        assertThat(registration.value().state()).isEqualTo(NodeState.PAUSING);
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(isPresent(ENTRY)).isFalse();
        assertThatThrownBy(() -> asking.request(PUMPS, "p", NodeRequest.DRAIN, "ops@console"))
                .isInstanceOfSatisfying(
                        KvException.class,
                        refused -> assertThat(refused.outcome()).isEqualTo(Outcome.NOT_APPLIED))
                .hasMessageContaining("its owner refuses to drain")
                .hasMessageContaining("'pausing'");
        eventually(() -> assertThat(isPresent(ENTRY)).isFalse());
        CompletableFuture<Long> back = registration.update(registration.value().withState(NodeState.ONLINE));
        eventually(() -> assertThat(back).isCompleted());
        asking.request(PUMPS, "p", NodeRequest.DRAIN, "ops@console");
        assertThat(state()).isEqualTo(NodeState.CLOSING);
    }

    @ParameterizedTest
    @EnumSource
    void nodeThatIsToBeRemovedIsGoneWithAllThatStoodForIt(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> registration = register(owning, mode);
        asking.request(PUMPS, "p", NodeRequest.REMOVE, "ops@console");
        assertThat(asking.node(PUMPS, "p")).isEmpty();
        assertThat(Futures.await(handle.list(Directory.ROOT)).entries()).isEmpty();
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED));
        assertThat(registration.status().reason()).contains("at the request of ops@console");
        // The id is free.
        register(owning, EPHEMERAL);
    }

    @Test
    void nodeThatNobodyOfOursOwnsIsNotAsked() throws InterruptedException {
        assertThatThrownBy(() -> asking.request(PUMPS, "p", NodeRequest.PAUSE, "ops"))
                .isInstanceOf(KeyNotFoundException.class);
        asking.updateNode(PUMPS, "p", status("p"));
        assertThatThrownBy(() -> asking.request(PUMPS, "p", NodeRequest.PAUSE, "ops"))
                .isInstanceOf(KvException.class)
                .hasMessageContaining("binlogctl -cmd pause-pump -node-id p");
        assertThatThrownBy(() -> asking.request(PUMPS, "p", NodeRequest.DRAIN, "ops"))
                .hasMessageContaining("binlogctl -cmd offline-pump -node-id p");
        assertThat(isPresent(ENTRY)).isFalse();
    }

    @Test
    void whatWasAskedOfAFormerOwnerIsDropped() throws InterruptedException {
        Registration<NodeStatus> registration = register(owning, PERSISTENT);
        put(ENTRY, "drain#a-former-self#ops");
        eventually(() -> assertThat(isPresent(ENTRY)).isFalse());
        assertThat(registration.value().state()).isEqualTo(NodeState.ONLINE);
        // It does not stand in the way of what is asked of this one.
        asking.request(PUMPS, "p", NodeRequest.DRAIN, "ops");
        assertThat(registration.value().state()).isEqualTo(NodeState.CLOSING);
    }

    @Test
    void withADirectoryForEachKindTheRequestIsInTheKinds() throws InterruptedException {
        try (NodeRegistry<NodeStatus> fleet = NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                .root(Directory.of("/fleet"))
                .layout(NodeLayout.BY_KIND)
                .time(store.time())
                .build()) {
            Registration<NodeStatus> registration = register(fleet, EPHEMERAL);
            fleet.request(PUMPS, "p", NodeRequest.DRAIN, "ops");
            assertThat(registration.value().state()).isEqualTo(NodeState.CLOSING);
            fleet.request(PUMPS, "p", NodeRequest.REMOVE, "ops");
            assertThat(Futures.await(handle.list(Directory.of("/fleet"))).entries())
                    .isEmpty();
        }
    }
}
