package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A registration comes back from whatever happens to it, on whatever store. Waits for what happens, and not for times. */
abstract class HealingSuite extends RegistryFixture {
    private static final Duration BRIEF = Duration.ofSeconds(2);
    private static final String CLAIM = ".rollcall/alive/pumps/p";

    private final KvBackend owner = store.open();
    private final NodeRegistry<NodeStatus> owning = registry(owner);
    private final NodeRegistry<NodeStatus> observing = registry();
    private final NodeView<NodeStatus> view = observing.view(PUMPS);
    private final List<RegistrationState> states = new CopyOnWriteArrayList<>();

    /** With a ttl that is only reached on purpose. */
    private Registration<NodeStatus> register(RegistrationMode mode) {
        return register(mode, Duration.ofSeconds(30));
    }

    private Registration<NodeStatus> register(RegistrationMode mode, Duration ttl) {
        Registration<NodeStatus> registration = owning.register(
                PUMPS, "p", status("p"), RegistrationOptions.of(mode).withTtl(ttl));
        registration.onStatus(status -> {
            if (states.isEmpty() || states.get(states.size() - 1) != status.state()) {
                states.add(status.state());
            }
        });
        eventuallyAlive(status("p"));
        eventually(() -> assertThat(states).endsWith(RegistrationState.REGISTERED));
        return registration;
    }

    private void eventuallyAlive(NodeStatus expected) {
        eventually(() -> assertThat(view.get("p"))
                .isNotNull()
                .matches(Node::isAlive)
                .satisfies(node -> assertThat(node.value()).isEqualTo(expected)));
    }

    private void eventuallyNotAlive() {
        eventually(() -> assertThat(view.nodes()).noneMatch(Node::isAlive));
    }

    private void eventuallyLostAndHealed() {
        eventually(() -> assertThat(states)
                .endsWith(RegistrationState.LOST, RegistrationState.REPAIRING, RegistrationState.REGISTERED));
    }

    @ParameterizedTest
    @EnumSource
    void lostLeaseIsHealed(RegistrationMode mode) {
        register(mode);
        store.expireLeases(owner);
        eventuallyLostAndHealed();
        eventuallyAlive(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void outageLongerThanTheTtlIsHealedWithTheNewestValue(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode, BRIEF);
        store.cut(owner);
        registration.update(status("p").withScore(1));
        registration.update(status("p").withScore(2));
        eventuallyNotAlive();
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.LOST));
        store.heal(owner);
        eventuallyAlive(status("p").withScore(2));
        eventuallyLostAndHealed();
    }

    @ParameterizedTest
    @EnumSource
    void storeThatDoesNotAnswerForLongerThanTheTtlIsHealed(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode, BRIEF);
        store.pause(owner);
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.LOST));
        store.resume(owner);
        eventuallyLostAndHealed();
        eventuallyAlive(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void deletionByHandIsHealed(RegistrationMode mode) throws InterruptedException {
        register(mode);
        observing.removeNode(PUMPS, "p");
        eventually(() -> assertThat(states).endsWith(RegistrationState.REPAIRING, RegistrationState.REGISTERED));
        eventuallyAlive(status("p"));
        Futures.await(handle.delete(key(CLAIM)));
        eventuallyAlive(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void shortCutIsNotSeenByOthers(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> registration = register(mode);
        long before =
                Futures.await(handle.get(key(CLAIM))).entry().orElseThrow().revision();
        store.cut(owner);
        store.heal(owner);
        Futures.await(registration.update(status("p").withScore(1)));
        assertThat(Futures.await(handle.get(key(CLAIM))).entry().orElseThrow().revision())
                .isEqualTo(before);
        assertThat(states).doesNotContain(RegistrationState.LOST);
    }

    @ParameterizedTest
    @EnumSource
    void serverThatStartsAgainFindsTheNode(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode);
        store.restart();
        registration.update(status("p").withScore(3));
        eventuallyAlive(status("p").withScore(3));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
    }

    @Test
    void idTakenDuringAnOutageIsAConflictAndNoFight() {
        Registration<NodeStatus> first = register(RegistrationMode.EPHEMERAL, BRIEF);
        store.cut(owner);
        eventuallyNotAlive();
        Registration<NodeStatus> second =
                registry(store.open()).register(PUMPS, "p", status("p").withScore(2), RegistrationMode.EPHEMERAL);
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED));
        store.heal(owner);
        eventually(() -> assertThat(first.state()).isEqualTo(RegistrationState.CONFLICT));
        eventuallyAlive(status("p").withScore(2));
        second.close();
        eventually(() -> assertThat(first.state()).isEqualTo(RegistrationState.REGISTERED));
        eventuallyAlive(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void closingWhileTheStoreIsAwayIsFinal(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode, BRIEF);
        store.cut(owner);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(registration::close);
        CompletableFuture<Void> again = CompletableFuture.runAsync(registration::close);
        eventually(() -> assertThat(CompletableFuture.allOf(closing, again)).isCompleted());
        eventuallyNotAlive();
        store.heal(owner);
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED));
        registration.close();
        assertThat(view.nodes()).noneMatch(Node::isAlive);
        assertThat(view.get("p") != null).isEqualTo(mode == RegistrationMode.PERSISTENT);
    }
}
