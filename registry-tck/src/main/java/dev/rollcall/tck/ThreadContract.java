package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The threads on which user code runs, and the use of a handle by many threads. */
public interface ThreadContract extends Contract {
    /** If this fails: futures are completed on the thread that reads from the network, and a continuation that blocks stops it. */
    @Test
    @Rule("THREAD-1")
    default void continuationsMayBlockWithoutStoppingTheBackend(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("k"), "1");
        RecordingListener listener = kit.watching(backend);
        CountDownLatch release = new CountDownLatch(1);
        Set<Thread> ran = ConcurrentHashMap.newKeySet();
        AtomicInteger inside = new AtomicInteger();
        int count = 30;
        for (int i = 0; i < count; i++) {
            int number = i;
            // From a thread of its own: a continuation of a future that is done already runs where it is attached.
            Thread attaching = new Thread(
                    () -> {
                        CompletableFuture<?> future = number % 2 == 0
                                ? backend.get(kit.key("k"))
                                : backend.put(kit.key("k" + number), Bytes.EMPTY);
                        future.whenComplete((result, failure) -> {
                            ran.add(Thread.currentThread());
                            inside.incrementAndGet();
                            Latches.await(release);
                        });
                    },
                    "kit-attaching-" + i);
            attaching.setDaemon(true);
            attaching.start();
        }
        try {
            kit.eventually(
                    "THREAD-1", "all continuations run, though those before them block", () -> inside.get() == count);
            for (int i = 0; i < 20; i++) {
                kit.put(kit.key("during"), "v" + i);
                kit.await(backend.list(kit.dir()));
            }
            kit.awaitHeld(listener, kit.key("during"), "v19");
            kit.revoke(kit.lease(backend));
        } finally {
            release.countDown();
        }
        ran.addAll(listener.threads());
        assertThat(ran.stream().filter(kit.fixture()::isIoThread).map(Thread::getName))
                .as("threads of the backend's I/O that ran user code")
                .isEmpty();
    }

    @Test
    @Rule("THREAD-1")
    default void continuationsMayCallAnythingAndClose(Kit kit) {
        KvBackend backend = kit.open();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            Key key = kit.key("k" + i);
            backend.put(key, Bytes.ofUtf8("1")).whenComplete((commit, failure) -> {
                kit.await(backend.get(key));
                kit.await(backend.put(key, Bytes.ofUtf8("2")));
                done.incrementAndGet();
            });
        }
        kit.eventually(
                "THREAD-1", "continuations that wait for further operations come to an end", () -> done.get() == 20);
        AtomicInteger closed = new AtomicInteger();
        backend.get(kit.key("k0")).whenComplete((result, failure) -> {
            backend.close();
            closed.incrementAndGet();
        });
        kit.eventually("THREAD-1", "close() returns to the continuation that called it", () -> closed.get() == 1);
    }

    @Test
    @Rule("THREAD-1")
    default void leaseCallbacksMayBlockAndCallAnything(Kit kit) {
        KvBackend backend = kit.backend();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            var lease = kit.lease(backend);
            lease.ended().thenAccept(end -> {
                inside.incrementAndGet();
                Latches.await(release);
            });
            lease.close();
        }
        try {
            kit.eventually(
                    "THREAD-1", "all lease callbacks run, though those before them block", () -> inside.get() == 10);
            kit.put(kit.key("k"), "1");
            var lease = kit.lease(backend);
            AtomicInteger read = new AtomicInteger();
            lease.ended().thenAccept(end -> {
                kit.await(backend.get(kit.key("k")));
                read.incrementAndGet();
            });
            kit.revoke(lease);
            kit.eventually("THREAD-1", "a lease callback may wait for an operation", () -> read.get() == 1);
        } finally {
            release.countDown();
        }
    }

    /** The listener has plain fields only: lost updates would show calls that overlap or do not see each other. */
    @Test
    @Rule("THREAD-2")
    default void callsOfOneListenerFollowEachOther(Kit kit) {
        KvBackend backend = kit.backend();
        final class Plain implements WatchListener {
            private final AtomicInteger inside = new AtomicInteger();
            private final AtomicInteger overlaps = new AtomicInteger();
            private final CountDownLatch overlap = new CountDownLatch(1);
            private final Set<Long> revisions = new HashSet<>();
            private long calls;
            private volatile boolean ended;
            private volatile long last;

            @Override
            public void onSignal(WatchSignal signal) {
                if (inside.incrementAndGet() != 1) {
                    overlaps.incrementAndGet();
                    overlap.countDown();
                } else if (calls < 5) {
                    // A call that lasts gives one that must not overlap it the time to do so.
                    Latches.awaitBriefly(overlap);
                }
                revisions.add(signal.revision() * 31 + calls);
                calls++;
                last = Math.max(last, signal.revision());
                inside.decrementAndGet();
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                if (inside.incrementAndGet() != 1) {
                    overlaps.incrementAndGet();
                }
                ended = true;
            }
        }
        Plain plain = new Plain();
        var watch = backend.watch(kit.dir(), WatchStart.snapshot(), plain);
        List<KvBackend> writers = List.of(backend, kit.open());
        Crowd.of(4).run(worker -> {
            for (int i = 0; i < 100; i++) {
                kit.put(writers.get(worker % 2), kit.key("k" + worker), "v" + i);
            }
        });
        long revision = kit.put(kit.key("end"), "");
        kit.eventually("WATCH-5", "the last write is delivered", () -> plain.last >= revision);
        watch.close();
        kit.eventually("WATCH-12", "the watch ends", () -> plain.ended);
        assertThat(plain.overlaps.get())
                .as("calls that began while an earlier one was running")
                .isZero();
        assertThat(plain.calls)
                .as("calls counted without a lock, each distinct")
                .isEqualTo(plain.revisions.size());
    }

    @Test
    @Rule("THREAD-3")
    default void sixtyFourThreadsUseOneHandle(Kit kit) {
        KvBackend backend = kit.backend();
        Key shared = kit.key("shared");
        kit.put(shared, "0");
        AtomicInteger increments = new AtomicInteger();
        List<Key> expected = Collections.synchronizedList(new ArrayList<>());
        Crowd.of(64).run(worker -> {
            Key own = kit.key("own-" + worker);
            long revision = kit.await(backend.create(own, Bytes.ofUtf8("0"))).revision();
            for (int i = 1; i <= 8; i++) {
                revision = kit.await(backend.update(own, Bytes.ofUtf8(Integer.toString(i)), revision))
                        .revision();
                assertThat(kit.read(backend, own)).isEqualTo(Integer.toString(i));
                KeyValue seen = kit.await(backend.get(shared)).entry().orElseThrow();
                int value = Integer.parseInt(seen.value().utf8());
                if (kit.succeeded(backend.update(shared, Bytes.ofUtf8(Integer.toString(value + 1)), seen.revision()))) {
                    increments.incrementAndGet();
                }
            }
            RecordingListener listener = kit.watching(backend);
            assertThat(listener.held(own)).isPresent();
            listener.close();
            expected.add(own);
        });
        expected.add(shared);
        Cut cut = kit.list(backend, kit.dir());
        assertThat(cut.entries().keySet()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(cut.entry(shared).value().utf8()).isEqualTo(Integer.toString(increments.get()));
    }

    @Test
    @Rule("THREAD-4")
    default void threadsAreDaemonsAndTellTheirBackend(Kit kit) {
        Set<Thread> before = kit.liveThreads();
        KvBackend backend = kit.open();
        kit.await(backend.put(kit.key("k"), Bytes.EMPTY));
        kit.lease(backend);
        RecordingListener listener = kit.watching(backend);
        kit.put(backend, kit.key("k"), "2");
        kit.awaitHeld(listener, kit.key("k"), "2");
        Resources.namesTellTheirBackend(kit, before, "of a handle that was just opened");
        String mark = kit.fixture().threadMark();
        assertThat(listener.threads())
                .allSatisfy(thread -> assertThat(thread.getName()).contains(mark));
    }
}
