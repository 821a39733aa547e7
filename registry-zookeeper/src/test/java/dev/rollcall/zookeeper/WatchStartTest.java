package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Watches that begin under the worst of circumstances: while keys come and go all the time, or while there is no connection. */
class WatchStartTest {
    private static final Directory DIR = Directory.of("/fire");
    private static final int KEYS = 300;
    private static final int WATCHES = 150;
    private static final int MORE_THAN_BEGIN_AT_ONCE = 40;

    @Test
    void watchesThatBeginUnderSteadyFireMissNothingAndAreToldNothingTwice() {
        try (ZooKeeperServer server = ZooKeeperServer.alone(false)) {
            String url = "zookeeper://" + server.address() + "/start?timeout=30s";
            try (KvBackend writing = KvBackends.open(url);
                    KvBackend watching = KvBackends.open(url)) {
                AtomicBoolean over = new AtomicBoolean();
                CompletableFuture<Void> fire =
                        CompletableFuture.runAsync(() -> fire(writing, over), task -> new Thread(task, "fire").start());
                List<Observer> observers = new ArrayList<>();
                List<Watch> watches = new ArrayList<>();
                try {
                    for (int i = 0; i < WATCHES; i++) {
                        Observer observer = new Observer();
                        observers.add(observer);
                        watches.add(watching.watch(DIR, WatchStart.snapshot(), observer));
                        // All of them at once would begin with the same moment.
                        await().pollInterval(Duration.ofMillis(2))
                                .atMost(Duration.ofSeconds(60))
                                .until(observer::hasBegun);
                    }
                } finally {
                    over.set(true);
                }
                result(fire);
                long last = result(writing.put(DIR.key("last"), Bytes.EMPTY)).revision();
                await().pollInterval(Duration.ofMillis(10))
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> observers.stream().allMatch(observer -> observer.revision() >= last));
                List<KeyValue> entries = result(watching.list(DIR)).entries();
                for (Observer observer : observers) {
                    assertThat(observer.breaches()).isEmpty();
                    assertThat(observer.entries()).containsExactlyElementsOf(entries);
                }
                watches.forEach(Watch::close);
            }
        }
    }

    @Test
    void watchesThatAreClosedWhileThereIsNoConnectionTakeNobodysTurn() {
        try (ZooKeeperServer server = ZooKeeperServer.plain();
                TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend handle = KvBackends.open("zookeeper://" + proxy.address() + "/closed?timeout=30s")) {
            result(handle.put(DIR.key("k"), Bytes.EMPTY));
            proxy.refuse();
            proxy.cut();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> handle.connection().state() == ConnectionState.DISCONNECTED);
            for (int i = 0; i < MORE_THAN_BEGIN_AT_ONCE; i++) {
                handle.watch(DIR, WatchStart.snapshot(), new Observer()).close();
            }
            proxy.accept();
            Observer observer = new Observer();
            handle.watch(DIR, WatchStart.snapshot(), observer);
            await().atMost(Duration.ofSeconds(60)).until(observer::hasBegun);
            assertThat(observer.breaches()).isEmpty();
        }
    }

    private static void fire(KvBackend backend, AtomicBoolean over) {
        Random random = KitSettings.fromEnvironment().random("watch starts");
        Semaphore inFlight = new Semaphore(96);
        while (!over.get()) {
            inFlight.acquireUninterruptibly();
            Key key = DIR.key((random.nextBoolean() ? "a/k" : "k") + random.nextInt(KEYS));
            CompletableFuture<?> write = random.nextInt(3) == 0
                    ? backend.delete(key)
                    : backend.put(key, Bytes.ofUtf8(Integer.toString(random.nextInt())));
            write.whenComplete((done, failure) -> inFlight.release());
        }
        inFlight.acquireUninterruptibly(96);
    }

    /** Folds what it is told, and notes what must not be told. */
    private static final class Observer implements WatchListener {
        private final Map<Key, KeyValue> state = new TreeMap<>();
        private final List<String> breaches = new ArrayList<>();
        private long revision;

        @Override
        public synchronized void onSignal(WatchSignal signal) {
            if (signal instanceof Snapshot snapshot) {
                state.clear();
                snapshot.entries().forEach(entry -> state.put(entry.key(), entry));
            } else if (signal instanceof Changes changes) {
                for (Change change : changes.changes()) {
                    if (change.revision() <= revision) {
                        breaches.add(change + " after a signal at " + revision);
                    }
                    if (change instanceof Change.Put put) {
                        state.put(change.key(), put.entry());
                    } else {
                        state.remove(change.key());
                    }
                }
            }
            if (signal.revision() < revision) {
                breaches.add("a signal at " + signal.revision() + " after one at " + revision);
            }
            revision = signal.revision();
        }

        @Override
        public synchronized void onEnd(@Nullable KvException cause) {
            if (cause != null) {
                breaches.add("ended by " + cause);
            }
        }

        synchronized boolean hasBegun() {
            return revision > 0;
        }

        synchronized long revision() {
            return revision;
        }

        synchronized List<String> breaches() {
            return List.copyOf(breaches);
        }

        synchronized List<KeyValue> entries() {
            return List.copyOf(state.values());
        }
    }
}
