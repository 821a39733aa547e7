package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private static final Key A = Key.of("/d/a");

    private static List<String> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(thread -> thread.startsWith(name))
                .toList();
    }

    @Test
    void closedHandlesLeaveNoThreadBehind() throws Exception {
        InMemoryStore store = InMemoryStore.builder().name("leak").build();
        List<String> before = threads("rollcall-inmemory-");
        for (int i = 0; i < 100; i++) {
            try (InMemoryBackend backend = store.open()) {
                Recorder recorder = new Recorder();
                backend.watch(Directory.ROOT, WatchStart.snapshot(), recorder);
                backend.faults().delay(Duration.ofMillis(1));
                CompletableFuture<?> put = backend.put(A, Bytes.EMPTY);
                await(put.orTimeout(90, TimeUnit.SECONDS));
                backend.close();
                recorder.awaitEnd();
            }
        }
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(threads("rollcall-inmemory-"))
                        .filteredOn(thread -> !before.contains(thread))
                        .isEmpty());
    }

    @Test
    void handleThatNeedsNoThreadStartsNone() throws InterruptedException {
        InMemoryStore store = InMemoryStore.builder().name("quiet").build();
        try (InMemoryBackend backend = store.open()) {
            await(backend.put(A, Bytes.EMPTY));
            await(backend.get(A));
            await(backend.grantLease(Duration.ofSeconds(1)));
            List<String> after = threads("rollcall-inmemory-");
            // The handle's first thread is started by what comes now, and tells which were its own.
            backend.faults().disconnect();
            CompletableFuture<String> first =
                    backend.get(A).thenApply(result -> Thread.currentThread().getName());
            backend.faults().reconnect();
            String name = await(first.orTimeout(90, TimeUnit.SECONDS));
            assertThat(name).endsWith("-callback-1");
            String own = name.substring(0, name.length() - "callback-1".length());
            assertThat(after).noneMatch(thread -> thread.startsWith(own));
        }
    }

    @Test
    void leaseExpiresByTheSystemClockToo() throws InterruptedException {
        InMemoryStore store = InMemoryStore.builder().name("clock").build();
        try (InMemoryBackend holder = store.open();
                InMemoryBackend other = store.open()) {
            // Long enough for a machine that is busy elsewhere to put the entry in time.
            var lease = await(holder.grantLease(Duration.ofSeconds(2)));
            await(holder.put(A, Bytes.EMPTY, lease));
            holder.faults().disconnect();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(10))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !await(other.get(A)).isPresent());
            assertThat(lease.isHeld()).isFalse();
        }
    }
}
