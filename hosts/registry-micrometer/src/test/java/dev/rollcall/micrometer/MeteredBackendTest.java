package dev.rollcall.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeteredBackendTest {
    private static final Key KEY = Key.of("/secret-key/a");
    private static final Directory DIRECTORY = Directory.of("/secret-key");
    private static final Bytes VALUE = Bytes.ofUtf8("secret-value");

    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();
    private final InMemoryBackend real = store.open();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final KvBackend metered = MeteredBackend.of(real, meters, Tags.of("store", "jobs"));

    @AfterEach
    void close() {
        metered.close();
    }

    private long count(String operation, String outcome, String exception) {
        Timer timer = meters.find("rollcall.operations")
                .tags("store", "jobs", "operation", operation, "outcome", outcome, "exception", exception)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    private double counted(String name) {
        return meters.get(name).tag("store", "jobs").counter().count();
    }

    private int active(String name) {
        return meters.get(name).tag("store", "jobs").longTaskTimer().activeTasks();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(assertion);
    }

    @Test
    void operationsAreCountedByKind() throws InterruptedException {
        long revision = Futures.await(metered.create(KEY, VALUE)).revision();
        Futures.await(metered.update(KEY, VALUE, revision));
        Futures.await(metered.update(KEY, VALUE));
        Futures.await(metered.put(KEY, VALUE));
        Futures.await(metered.get(KEY));
        Futures.await(metered.list(DIRECTORY));
        Futures.await(metered.keys(DIRECTORY));
        Futures.await(metered.children(DIRECTORY));
        Futures.await(metered.delete(KEY));
        Lease lease = Futures.await(metered.grantLease(Duration.ofSeconds(10)));
        Futures.await(metered.create(KEY, VALUE, lease));
        Futures.await(metered.put(KEY, VALUE, lease));
        Futures.await(metered.delete(KEY, Futures.await(metered.put(KEY, VALUE)).revision()));
        Futures.await(metered.commit(
                Txn.builder().put(KEY, VALUE).put(DIRECTORY.key("b"), VALUE).build()));
        eventually(() -> assertThat(List.of(
                        "create", "update", "put", "delete", "commit", "get", "list", "keys", "children", "grantLease"))
                .extracting(operation -> count(operation, "ok", "none"))
                .containsExactly(2L, 2L, 3L, 2L, 1L, 1L, 1L, 1L, 1L, 1L));
    }

    @Test
    void failuresAreCountedByOutcome() {
        metered.update(KEY, VALUE);
        eventually(() -> assertThat(count("update", "not_applied", "KeyNotFoundException"))
                .isEqualTo(1));
        metered.commit(Txn.of(new Condition.Present(KEY), new Write.Delete(KEY)));
        eventually(() -> assertThat(count("delete", "not_applied", "KeyNotFoundException"))
                .isEqualTo(1));

        real.faults().loseNextAnswer();
        CompletableFuture<?> lost = metered.put(KEY, VALUE);
        eventually(() -> {
            time.advance(Duration.ofSeconds(1));
            assertThat(lost).isDone();
            assertThat(meters.find("rollcall.operations")
                            .tags("operation", "put", "outcome", "unknown")
                            .timers())
                    .singleElement()
                    .satisfies(timer -> assertThat(timer.count()).isEqualTo(1));
        });

        metered.close();
        metered.get(KEY);
        eventually(() -> assertThat(count("get", "not_applied", "BackendClosedException"))
                .isEqualTo(1));
    }

    @Test
    void whatTheCallerGivesUpIsCountedAsCancelled() {
        real.faults().freeze();
        CompletableFuture<?> future = metered.put(KEY, VALUE);
        future.cancel(false);
        eventually(() ->
                assertThat(count("put", "cancelled", "CancellationException")).isEqualTo(1));
        real.faults().thaw();
    }

    @Test
    void whatTheCallerDoesWithTheAnswerIsNotMeasured() throws InterruptedException {
        MockClock clock = new MockClock();
        SimpleMeterRegistry timed = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        KvBackend timing = MeteredBackend.of(real, timed);
        // The answer comes once the caller has attached its own.
        real.faults().freeze();
        CompletableFuture<?> taken = timing.put(KEY, VALUE).thenRun(() -> clock.add(Duration.ofSeconds(2)));
        real.faults().thaw();
        Futures.await(taken);
        eventually(() -> assertThat(timed.find("rollcall.operations").timers())
                .singleElement()
                .satisfies(timer -> assertThat(timer.count()).isEqualTo(1)));
        assertThat(timed.get("rollcall.operations").timer().totalTime(TimeUnit.SECONDS))
                .isZero();
    }

    @Test
    void failuresAreTheBackendsOwnAndNotWrapped() {
        assertThat(metered.update(KEY, VALUE).handle((commit, failure) -> failure))
                .succeedsWithin(Duration.ofSeconds(60))
                .isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    void aCallThatIsRefusedIsNoOperation() {
        assertThatThrownBy(() -> metered.grantLease(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(meters.find("rollcall.operations").timers()).isEmpty();
    }

    private static final class Signals implements WatchListener {
        final List<WatchSignal> signals = new CopyOnWriteArrayList<>();

        @Override
        public void onSignal(WatchSignal signal) {
            signals.add(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {}
    }

    @Test
    void watchesResyncsAndLagAreCounted() throws InterruptedException {
        Signals signals = new Signals();
        Watch watch = metered.watch(DIRECTORY, WatchStart.snapshot(), signals);
        assertThat(active("rollcall.watches")).isEqualTo(1);
        eventually(() -> assertThat(signals.signals).hasSize(1));
        Futures.await(metered.put(KEY, VALUE));
        eventually(() ->
                assertThat(meters.get("rollcall.watch.lag").timer().count()).isEqualTo(1));
        InMemoryBackend other = store.open();
        Futures.await(other.put(KEY, VALUE));
        eventually(() -> assertThat(signals.signals).hasSize(3));
        // Not of a write of this handle.
        assertThat(meters.get("rollcall.watch.lag").timer().count()).isEqualTo(1);
        assertThat(counted("rollcall.watch.resyncs")).isZero();

        real.faults().disconnect();
        Futures.await(other.put(KEY, VALUE));
        store.compact();
        real.faults().reconnect();
        eventually(() -> assertThat(signals.signals)
                .filteredOn(Snapshot.class::isInstance)
                .hasSize(2));
        assertThat(counted("rollcall.watch.resyncs")).isEqualTo(1);
        watch.close();
        eventually(() -> assertThat(active("rollcall.watches")).isZero());
        other.close();
    }

    @Test
    void leasesAreCountedAsLongAsTheyAreHeld() throws InterruptedException {
        Lease kept = Futures.await(metered.grantLease(Duration.ofSeconds(10)));
        Futures.await(metered.grantLease(Duration.ofSeconds(10)));
        assertThat(active("rollcall.leases")).isEqualTo(2);
        Futures.await(kept.revoke());
        eventually(() -> assertThat(active("rollcall.leases")).isEqualTo(1));
        assertThat(counted("rollcall.leases.lost")).isZero();
        real.faults().expireLeases();
        eventually(() -> assertThat(active("rollcall.leases")).isZero());
        assertThat(counted("rollcall.leases.lost")).isEqualTo(1);
    }

    @Test
    void connectionsAreCountedOverHandlesWithTheSameTags() {
        KvBackend second = MeteredBackend.of(store.open(), meters, Tags.of("store", "jobs"));
        eventually(() -> assertThat(active("rollcall.connections")).isEqualTo(2));
        real.faults().disconnect();
        eventually(() -> assertThat(active("rollcall.connections")).isEqualTo(1));
        assertThat(counted("rollcall.connections.lost")).isEqualTo(1);
        second.close();
        eventually(() -> assertThat(active("rollcall.connections")).isZero());
        // Closing is no loss.
        assertThat(counted("rollcall.connections.lost")).isEqualTo(1);
    }

    @Test
    void theStoreIsNamedAndNothingOfTheDataIs() throws InterruptedException {
        KvBackend named = MeteredBackend.of(store.open(), meters);
        Futures.await(named.put(KEY, VALUE));
        assertThat(named.delete(KEY, 1_000)).isCompletedExceptionally();
        assertThat(meters.find("rollcall.operations").tag("store", named.name()).timers())
                .isNotEmpty();
        List<String> all = new ArrayList<>();
        for (Meter meter : meters.getMeters()) {
            all.add(meter.getId().toString());
        }
        assertThat(all).noneMatch(id -> id.contains("secret"));
        named.close();
    }
}
