package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import dev.rollcall.tck.KitSettings;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens in whatever order: once it stops, the node is there, ours, with the newest value; and once closed, it stays away. */
class RegistrationChaosTest extends RegistryFixture {
    private final KvBackend owner = store.open();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void nodeIsThereInTheEnd(int run) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("registration " + run);
        RegistrationMode mode = RegistrationMode.values()[random.nextInt(2)];
        Registration<NodeStatus> registration = registry(owner)
                .register(PUMPS, "p", status("p"), RegistrationOptions.of(mode).withSeed(random.nextLong()));
        NodeRegistry<NodeStatus> observing = registry();
        NodeView<NodeStatus> view = observing.view(PUMPS);
        for (int i = 0; i < 150; i++) {
            disturb(registration, observing, random, i);
        }
        store.heal(owner);
        NodeStatus last = status("p").withScore(1000);
        registration.update(last);
        eventually(() -> assertThat(observing.node(PUMPS, "p"))
                .hasValueSatisfying(node -> assertThat(node.value()).isEqualTo(last)));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        eventually(() -> assertThat(view.get("p")).isNotNull().matches(Node::isAlive));
        store.advance(Duration.ofMinutes(1));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(observing.node(PUMPS, "p").orElseThrow().leased()).isEqualTo(mode == RegistrationMode.EPHEMERAL);
        registration.close();
        store.advance(Duration.ofMinutes(1));
        assertThat(Futures.await(handle.get(key(".rollcall/alive/pumps/p"))).isPresent())
                .isFalse();
        assertThat(observing.node(PUMPS, "p").isPresent()).isEqualTo(mode != RegistrationMode.EPHEMERAL);
    }

    private void disturb(
            Registration<NodeStatus> registration, NodeRegistry<NodeStatus> observing, Random random, int i)
            throws InterruptedException {
        switch (random.nextInt(12)) {
            case 0 -> store.cut(owner);
            case 1, 2 -> store.heal(owner);
            case 3 -> store.loseNextAnswer(owner);
            case 4 -> store.dropNextRequest(owner);
            case 5 -> store.expireLeases(owner);
            case 6 -> observing.removeNode(PUMPS, "p");
            case 7 ->
                Futures.await(handle.commit(
                        Txn.builder().delete(key(".rollcall/alive/pumps/p")).build()));
            case 8 -> registration.update(status("p").withScore(i));
            case 9 -> store.compact();
            case 10 -> store.advance(Duration.ofMillis(random.nextInt(12_000)));
            default -> store.advance(Duration.ofMillis(random.nextInt(300)));
        }
    }
}
