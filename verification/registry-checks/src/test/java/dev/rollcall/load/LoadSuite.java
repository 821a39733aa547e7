package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Much at once on one handle: nothing is lost, and nobody waits for somebody who does not move. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class LoadSuite {
    private static final Logger LOG = LoggerFactory.getLogger(LoadSuite.class);
    private static final int OPERATIONS = 10_000;
    private static final int THERE = 50;
    private static final int WATCHES = 10_000;
    private static final int DIRECTORIES = 100;

    /** Another handle, on an empty store of its own if {@code name} is new; its operations may take minutes. */
    protected abstract KvBackend open(String name);

    /** Lets the store answer nothing for now. */
    protected abstract void hold(KvBackend handle);

    /** Lets it answer again, first what it was asked meanwhile. */
    protected abstract void flow(KvBackend handle);

    static void eventually(ThrowingRunnable assertion) {
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofMinutes(5))
                .untilAsserted(assertion);
    }

    private static Key key(String kind, int i) {
        return Key.of("/" + kind + "/" + i);
    }

    @Test
    void tenThousandOperationsUnderWayAllEndWithTheirOwnResult() throws InterruptedException {
        try (KvBackend handle = open("operations")) {
            Txn.Builder before = Txn.builder();
            for (int i = 0; i < THERE; i++) {
                before.put(key("there", i), Bytes.ofUtf8("before"));
            }
            Futures.await(handle.commit(before.build()));
            Map<Integer, CompletableFuture<Commit>> creates = new LinkedHashMap<>();
            Map<Integer, CompletableFuture<Commit>> puts = new LinkedHashMap<>();
            List<CompletableFuture<Commit>> refused = new ArrayList<>();
            List<CompletableFuture<GetResult>> reads = new ArrayList<>();
            hold(handle);
            long begun = System.nanoTime();
            for (int i = 0; i < OPERATIONS / 4; i++) {
                creates.put(i, handle.create(key("created", i), Bytes.ofUtf8("c" + i)));
                puts.put(i, handle.put(key("put", i), Bytes.ofUtf8("p" + i)));
                refused.add(handle.create(key("there", i % THERE), Bytes.EMPTY));
                reads.add(handle.get(key("there", i % THERE)));
            }
            assertThat(creates.values()).noneMatch(CompletableFuture::isDone);
            assertThat(reads).noneMatch(CompletableFuture::isDone);
            flow(handle);
            for (CompletableFuture<GetResult> read : reads) {
                assertThat(Futures.await(read).entry().orElseThrow().value()).isEqualTo(Bytes.ofUtf8("before"));
            }
            for (CompletableFuture<Commit> create : refused) {
                assertThatThrownBy(() -> Futures.await(create)).isInstanceOf(KeyExistsException.class);
            }
            assertWritten(handle, "created", "c", creates);
            assertWritten(handle, "put", "p", puts);
            LOG.info("{}: {} operations under way at once took {} ms", handle.name(), OPERATIONS, millisSince(begun));
        }
    }

    private static void assertWritten(
            KvBackend handle, String kind, String value, Map<Integer, CompletableFuture<Commit>> writes)
            throws InterruptedException {
        for (CompletableFuture<Commit> write : writes.values()) {
            Futures.await(write);
        }
        Snapshot list = Futures.await(handle.list(Directory.of("/" + kind)));
        assertThat(list.entries()).hasSize(writes.size());
        Map<Key, KeyValue> found = new LinkedHashMap<>();
        list.entries().forEach(entry -> found.put(entry.key(), entry));
        writes.forEach((i, write) -> {
            KeyValue entry = found.get(key(kind, i));
            assertThat(entry).isNotNull();
            assertThat(entry.value()).isEqualTo(Bytes.ofUtf8(value + i));
            assertThat(entry.revision()).isEqualTo(write.join().revision());
        });
    }

    /** Counts what it hears. */
    private static final class Counter implements WatchListener {
        final AtomicInteger snapshots = new AtomicInteger();
        final AtomicInteger changes = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();

        @Override
        public void onSignal(WatchSignal signal) {
            (signal instanceof Snapshot ? snapshots : changes).incrementAndGet();
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            ends.incrementAndGet();
        }
    }

    @Test
    void tenThousandWatchesAreAllToldOfWhatConcernsThemAndOfNothingElse() throws InterruptedException {
        try (KvBackend handle = open("watches")) {
            Counter counter = new Counter();
            List<Watch> watches = new ArrayList<>();
            long begun = System.nanoTime();
            for (int i = 0; i < WATCHES; i++) {
                watches.add(handle.watch(Directory.of("/d/" + i % DIRECTORIES), WatchStart.snapshot(), counter));
            }
            eventually(() -> assertThat(counter.snapshots).hasValue(WATCHES));
            long opened = System.nanoTime();
            Txn.Builder half = Txn.builder();
            for (int i = 0; i < DIRECTORIES; i += 2) {
                half.put(Key.of("/d/" + i + "/k"), Bytes.EMPTY);
            }
            Futures.await(handle.commit(half.build()));
            eventually(() -> assertThat(counter.changes).hasValue(WATCHES / 2));
            LOG.info(
                    "{}: {} watches opened in {} ms; half of them told of one change in {} ms",
                    handle.name(),
                    WATCHES,
                    (opened - begun) / 1_000_000,
                    millisSince(opened));
            watches.forEach(Watch::close);
            eventually(() -> assertThat(counter.ends).hasValue(WATCHES));
            assertThat(counter.snapshots).hasValue(WATCHES);
            assertThat(counter.changes).hasValue(WATCHES / 2);
        }
    }

    @Test
    void listenersThatBlockForEverHoldUpNeitherOthersNorClose() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger blocked = new AtomicInteger();
        AtomicReference<@Nullable KvException> end = new AtomicReference<>();
        AtomicInteger heard = new AtomicInteger();
        KvBackend handle = open("blocked");
        try {
            for (int i = 0; i < 16; i++) {
                handle.watch(Directory.ROOT, WatchStart.snapshot(), new WatchListener() {
                    @Override
                    public void onSignal(WatchSignal signal) {
                        blocked.incrementAndGet();
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }

                    @Override
                    public void onEnd(@Nullable KvException cause) {}
                });
            }
            handle.watch(Directory.ROOT, WatchStart.snapshot(), new WatchListener() {
                @Override
                public void onSignal(WatchSignal signal) {
                    heard.incrementAndGet();
                }

                @Override
                public void onEnd(@Nullable KvException cause) {
                    end.set(cause);
                }
            });
            eventually(() -> assertThat(blocked).hasValue(16));
            eventually(() -> assertThat(heard).hasValue(1));
            for (int i = 0; i < 20; i++) {
                int before = heard.get();
                Futures.await(handle.put(Key.of("/k"), Bytes.ofUtf8("v" + i)));
                eventually(() -> assertThat(heard.get()).isGreaterThan(before));
            }
            CompletableFuture<Void> closed = CompletableFuture.runAsync(handle::close);
            eventually(() -> assertThat(closed).isCompleted());
            eventually(() -> assertThat(end.get()).isInstanceOf(BackendClosedException.class));
            assertThat(never.getCount()).isOne();
        } finally {
            never.countDown();
            handle.close();
        }
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
