package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import dev.rollcall.registry.InMemoryRegistryStore;
import dev.rollcall.registry.RegistryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;

/** A store, locks and elections on handles of their own, and waiting while time passes. */
class CoordinationFixture {
    static final Directory QUEUE = Directory.of("/coordination/jobs");
    static final Key RESOURCE = Key.of("/resource");

    final RegistryStore store = openStore();
    final KvBackend observer = store.open();
    private final List<AutoCloseable> opened = new ArrayList<>();

    RegistryStore openStore() {
        return new InMemoryRegistryStore();
    }

    /** For those who must not lose their places because the machine is busy. */
    CoordinationOptions options() {
        return CoordinationOptions.defaults().withTtl(Duration.ofSeconds(30)).withTime(store.time());
    }

    /** For those who are to lose theirs. */
    CoordinationOptions brief() {
        return options().withTtl(Duration.ofSeconds(2));
    }

    @AfterEach
    void closeAll() throws Exception {
        // The handles first: then nothing that is waited for on closing depends on time.
        store.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    DistributedLock lock(KvBackend on) {
        return lock(on, options());
    }

    DistributedLock lock(KvBackend on, CoordinationOptions options) {
        DistributedLock lock = DistributedLock.open(on, QUEUE, options);
        opened.add(lock);
        return lock;
    }

    LeaderElection election(KvBackend on) {
        return election(on, options());
    }

    LeaderElection election(KvBackend on, CoordinationOptions options) {
        LeaderElection election = LeaderElection.open(on, QUEUE, options);
        opened.add(election);
        return election;
    }

    List<KeyValue> queue() throws InterruptedException {
        return Futures.await(observer.list(QUEUE)).entries().stream()
                .filter(entry -> entry.leased() && QUEUE.relativize(entry.key()).startsWith("place-"))
                .toList();
    }

    void eventuallyQueued(int tickets) {
        eventually(() -> assertThat(queue()).hasSize(tickets));
    }

    LockHold held(CompletableFuture<LockHold> turn) {
        eventually(() -> assertThat(turn).isCompleted());
        return turn.join();
    }

    static Txn write(String value) {
        return Txn.of(new Write.Put(RESOURCE, Bytes.ofUtf8(value), null));
    }

    /** Waits, in real time and in the store's, for what comes on other threads; a store that has not answered has not said yet. */
    void eventually(ThrowingRunnable assertion) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    store.advance(Duration.ofMillis(20));
                    try {
                        assertion.run();
                    } catch (UnavailableException | DeadlineExceededException e) {
                        throw new AssertionError("The store has not answered.", e);
                    }
                });
    }
}
