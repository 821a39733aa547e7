package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** That user code in a listener can do anything and disturbs only itself. */
public interface WatchListenerContract extends Contract {
    @Test
    @Rule({"WATCH-13", "THREAD-1"})
    default void listenerThatBlocksDelaysNobodyElse(Kit kit) {
        KvBackend backend = kit.backend();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        List<RecordingListener> blocked = new ArrayList<>();
        // More than a small pool of threads could bear.
        int blocking = 120;
        for (int i = 0; i < blocking; i++) {
            blocked.add(kit.watch(backend, kit.dir(), WatchStart.snapshot(), (listener, signal) -> {
                inside.incrementAndGet();
                Latches.await(release);
            }));
        }
        try {
            RecordingListener free = kit.watch(backend, kit.dir(), WatchStart.snapshot());
            // One after another, so that it is a hang that ends the wait, and not the time that all of them take
            // together.
            for (int i = 1; i <= blocking; i++) {
                int called = i;
                kit.eventually(
                        "WATCH-13",
                        "all listeners are called, though those before them block",
                        () -> inside.get() >= called);
            }
            kit.eventually(
                    "WATCH-13",
                    "the snapshot comes to a listener that does not block, though others do",
                    () -> free.revision() >= 0);
            for (int i = 0; i < 50; i++) {
                kit.put(kit.key("k" + i % 5), "v" + i);
            }
            kit.converge(free, backend);
            kit.await(backend.list(kit.dir()));
        } finally {
            release.countDown();
        }
        Cut truth = kit.list(backend, kit.dir());
        blocked.forEach(listener -> kit.eventually(
                "WATCH-11",
                "a watch whose listener was blocked reaches the state of the store",
                () -> listener.held().entries().equals(truth.entries())));
    }

    @Test
    @Rule("WATCH-13")
    default void whatABlockedListenerIsOwedIsBoundedByTheKeys(Kit kit) {
        KvBackend backend = kit.backend();
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        RecordingListener slow = kit.watch(backend, kit.dir(), WatchStart.snapshot(), (listener, signal) -> {
            if (first.getAndSet(false)) {
                Latches.await(release);
            }
        });
        kit.eventually("WATCH-1", "the snapshot comes", () -> slow.revision() >= 0);
        try {
            for (int i = 0; i < 400; i++) {
                kit.put(kit.key("k" + i % 3), "v" + i);
            }
        } finally {
            release.countDown();
        }
        kit.converge(slow, backend);
        // One signal may have been prepared before the listener blocked; the rest is merged to one change for each key.
        assertThat(slow.changes())
                .as("changes delivered of 400 writes of three keys, made while the listener blocked")
                .hasSizeLessThanOrEqualTo(12);
    }

    @Test
    @Rule("WATCH-14")
    default void listenerThatThrowsGetsTheNextSignalAllTheSame(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener throwing = kit.watch(backend, kit.dir(), WatchStart.snapshot(), (listener, signal) -> {
            if (listener.signals().size() % 2 == 0) {
                throw new DeliberateFailure();
            }
            throw new DeliberateFailure.DeliberateError();
        });
        RecordingListener other = kit.watching(backend);
        for (int i = 0; i < 10; i++) {
            kit.put(kit.key("k"), "v" + i);
            awaitAllTheSame(kit, throwing, kit.key("k"), "v" + i);
            awaitAllTheSame(kit, other, kit.key("k"), "v" + i);
        }
        assertThat(throwing.hasEnded())
                .as("whether a watch whose listener throws has ended")
                .isFalse();
        throwing.close();
        assertThat(kit.awaitEnd(throwing)).isNull();
    }

    @Test
    @Rule("WATCH-14")
    default void listenerThatLeavesItsThreadInterruptedHurtsNothing(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener interrupting = kit.watch(
                backend,
                kit.dir(),
                WatchStart.snapshot(),
                (listener, signal) -> Thread.currentThread().interrupt());
        RecordingListener other = kit.watching(backend);
        for (int i = 0; i < 10; i++) {
            kit.put(kit.key("k"), "v" + i);
            awaitAllTheSame(kit, interrupting, kit.key("k"), "v" + i);
            awaitAllTheSame(kit, other, kit.key("k"), "v" + i);
        }
        kit.await(backend.list(kit.dir()));
    }

    @Test
    @Rule({"THREAD-1", "WATCH-12"})
    default void listenerMayCallAnything(Kit kit) {
        KvBackend backend = kit.backend();
        Key echo = Key.of("/echo/k");
        List<RecordingListener> inner = Collections.synchronizedList(new ArrayList<>());
        RecordingListener outer = kit.watch(backend, kit.dir(), WatchStart.snapshot(), (listener, signal) -> {
            // Waits for answers inside the callback: they must not need its thread.
            kit.await(backend.put(echo, Bytes.ofUtf8("at " + signal.revision())));
            kit.await(backend.get(echo));
            kit.await(backend.list(kit.dir()));
            RecordingListener nested = kit.watching(backend);
            inner.add(nested);
            nested.close();
        });
        kit.eventually("THREAD-1", "a listener that calls its backend comes to an end", () -> inner.size() == 1);
        kit.put(kit.key("k"), "1");
        kit.eventually("THREAD-1", "a listener that calls its backend comes to an end", () -> inner.size() == 2);
        kit.proves("WATCH-12");
        outer.close();
        assertThat(kit.awaitEnd(outer)).isNull();
        inner.forEach(nested -> assertThat(kit.awaitEnd(nested)).isNull());
    }

    @Test
    @Rule("WATCH-12")
    default void listenerMayCloseItsOwnWatch(Kit kit) {
        KvBackend backend = kit.backend();
        AtomicInteger afterClose = new AtomicInteger();
        AtomicBoolean closed = new AtomicBoolean();
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.snapshot(), (self, signal) -> {
            if (closed.get()) {
                afterClose.incrementAndGet();
            }
            if (signal instanceof Changes) {
                self.close();
                closed.set(true);
            }
        });
        RecordingListener witness = kit.watching(backend);
        for (int i = 0; i < 20; i++) {
            kit.put(kit.key("k"), "v" + i);
        }
        assertThat(kit.awaitEnd(listener)).isNull();
        kit.fence(witness);
        assertThat(afterClose.get())
                .as("signals after the listener had closed its own watch")
                .isZero();
    }

    @Test
    @Rule({"THREAD-1", "LIFE-3"})
    default void listenerMayCloseItsBackend(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend mine = kit.open();
        AtomicBoolean returned = new AtomicBoolean();
        RecordingListener other = kit.watching(mine);
        RecordingListener listener = kit.watch(mine, kit.dir(), WatchStart.snapshot(), (self, signal) -> {
            if (signal instanceof Changes) {
                mine.close();
                returned.set(true);
            }
        });
        kit.eventually("WATCH-1", "the snapshot comes", () -> listener.revision() >= 0);
        kit.put(writer, kit.key("k"), "1");
        kit.eventually("THREAD-1", "close() returns to the listener that called it", returned::get);
        kit.proves("LIFE-3");
        assertThat(kit.awaitEnd(listener)).as("the cause of the end").isInstanceOf(BackendClosedException.class);
        assertThat(kit.awaitEnd(other)).isInstanceOf(BackendClosedException.class);
    }

    /** If this fails: the backend calls listeners under a lock that watch() or an operation takes too. */
    @Test
    @Rule("THREAD-1")
    default void locksOfTheCallerAreNotEntangledWithTheBackends(Kit kit) {
        KvBackend backend = kit.backend();
        ReentrantLock lock = new ReentrantLock();
        AtomicInteger heard = new AtomicInteger();
        RecordingListener free = kit.watching(backend);
        List<RecordingListener> listeners = Collections.synchronizedList(new ArrayList<>());
        Crowd.of(3).run(worker -> {
            for (int i = 0; i < 30; i++) {
                lock.lock();
                try {
                    RecordingListener listener =
                            kit.watch(backend, kit.dir(), WatchStart.snapshot(), (self, signal) -> {
                                lock.lock();
                                try {
                                    heard.incrementAndGet();
                                } finally {
                                    lock.unlock();
                                }
                            });
                    kit.await(backend.put(kit.key("k" + worker), Bytes.ofUtf8("v" + i)));
                    if (i % 2 == 0) {
                        listener.close();
                    } else {
                        kit.eventually(
                                "WATCH-13",
                                "a free watch is served",
                                () -> free.held(kit.key("k" + worker)).isPresent());
                    }
                    listeners.add(listener);
                } finally {
                    lock.unlock();
                }
            }
        });
        listeners.forEach(RecordingListener::close);
        kit.eventually(
                "WATCH-12", "closed watches end", () -> listeners.stream().allMatch(RecordingListener::hasEnded));
        assertThat(heard.get())
                .as("signals that listeners heard while their lock was contended")
                .isPositive();
    }

    private static void awaitAllTheSame(Kit kit, RecordingListener listener, Key key, String value) {
        kit.eventually(
                "WATCH-14",
                "a listener that failed gets the next signal, with " + key + " = '" + value + "'",
                () -> listener.held(key)
                        .filter(entry -> entry.value().utf8().equals(value))
                        .isPresent());
    }
}
