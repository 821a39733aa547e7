package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/** Many registrations of one process in trouble at once, and several of one id. */
class RegistrationStormTest extends RegistryFixture {
    private static final int NODES = 1_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final KvBackend owner = store.open();

    /** Notes how long everyone wants to wait. */
    private static final class NotingTime extends ForwardingTime {
        final ConcurrentLinkedQueue<Duration> delays = new ConcurrentLinkedQueue<>();

        NotingTime(TimeSource real) {
            super(real);
        }

        @Override
        public Subscription schedule(Duration delay, Runnable task) {
            delays.add(delay);
            return super.schedule(delay, task);
        }
    }

    @Test
    void nodesThatWereLostTogetherComeBackSpreadAndAllDo() throws InterruptedException {
        NotingTime time = new NotingTime(store.time());
        try (NodeRegistry<NodeStatus> owning =
                NodeRegistry.builder(owner, NodeCodec.tidbBinlog()).time(time).build()) {
            List<Registration<NodeStatus>> all = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                String id = "p" + i;
                RegistrationOptions options = RegistrationOptions.of(RegistrationMode.EPHEMERAL)
                        .withPauses(FIRST_PAUSE, Duration.ofSeconds(5))
                        .withSeed(i);
                all.add(owning.register(PUMPS, id, status(id), options));
            }
            NodeRegistry<NodeStatus> observing = registry();
            eventually(() ->
                    assertThat(all).allMatch(registration -> registration.state() == RegistrationState.REGISTERED));
            time.delays.clear();
            store.expireLeases(owner);
            assertThat(observing.nodes(PUMPS)).isEmpty();
            // Time stands still, so nothing is written yet.
            eventuallyInRealTime(() -> assertThat(time.delays).hasSize(NODES));
            int[] tenths = new int[10];
            time.delays.forEach(delay -> tenths[(int) Math.min(9, delay.toMillis() / 10)]++);
            assertThat(Arrays.stream(tenths).boxed())
                    .allSatisfy(writes -> assertThat(writes).isBetween(50, 150));
            assertThat(time.delays).allSatisfy(delay -> assertThat(delay).isLessThanOrEqualTo(FIRST_PAUSE));
            eventually(() -> assertThat(observing.nodes(PUMPS)).hasSize(NODES));
            eventually(() ->
                    assertThat(all).allMatch(registration -> registration.state() == RegistrationState.REGISTERED));
        }
    }

    @Test
    void secondRegistrationOfAnIdInOneProcessIsAConflictUntilTheFirstIsClosed() throws InterruptedException {
        NodeRegistry<NodeStatus> owning = registry(owner);
        Registration<NodeStatus> first = owning.register(PUMPS, "p", status("p"), RegistrationMode.EPHEMERAL);
        eventually(() -> assertThat(first.state()).isEqualTo(RegistrationState.REGISTERED));
        Registration<NodeStatus> second =
                owning.register(PUMPS, "p", status("p").withScore(2), RegistrationMode.EPHEMERAL);
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.CONFLICT));
        assertThat(second.status().reason()).contains("another owner");
        store.advance(Duration.ofMinutes(1));
        assertThat(first.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(owning.node(PUMPS, "p").orElseThrow().value()).isEqualTo(status("p"));
        first.close();
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED));
        assertThat(owning.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(2);
        // Closing the first once more takes nothing from the second.
        first.close();
        assertThat(owning.node(PUMPS, "p")).isPresent();
    }

    private static void eventuallyInRealTime(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90)).untilAsserted(assertion);
    }
}
