package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyTrackerTest extends RegistryFixture {
    private static final Key ONE = key("pumps/one");
    private static final Key OTHER = key("pumps/other");

    private @Nullable RegistryContext registryContext;

    private KeyTracker tracker(KvBackend backend, TimeSource time) {
        RegistryContext made =
                new RegistryContext(backend, new NodeKeys(ROOT, NodeLayout.TIDB_BINLOG), time, Duration.ofSeconds(5));
        registryContext = made;
        return made.tracker(PUMPS);
    }

    @AfterEach
    void closeTracker() {
        if (registryContext != null) {
            registryContext.close();
        }
    }

    private static class Recorder implements KeyTracker.Observer {
        final Set<Key> changed = ConcurrentHashMap.newKeySet();
        volatile boolean watching;

        @Override
        public void onChange(Key key, long revision) {
            changed.add(key);
        }

        @Override
        public void onWatching(long from) {
            watching = true;
        }

        @Override
        public void onRewound() {}

        @Override
        public void onFailure(KvException cause) {}

        @Override
        public void onConnected() {}

        @Override
        public void onClosed() {}
    }

    /** When it is first compared with another observer, which is when it is added beside that one, the other one leaves. */
    private static final class Follower extends Recorder {
        private @Nullable Subscription before;

        Follower(Subscription before) {
            this.before = before;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            Subscription leaving = before;
            if (other != this && leaving != null) {
                before = null;
                Thread thread = new Thread(leaving::close);
                thread.start();
                // Either it has left, or it waits until this one has been added.
                while (thread.isAlive() && thread.getState() != Thread.State.BLOCKED) {
                    Thread.onSpinWait();
                }
            }
            return other == this;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    @Test
    void observerThatComesWhileTheLastOneOfTheKeyLeavesIsTold() throws InterruptedException {
        KeyTracker tracker = tracker(handle, store.time());
        Follower follower = new Follower(tracker.track(new Recorder(), List.of(ONE, OTHER)));
        tracker.track(follower, List.of(ONE, OTHER));
        eventually(() -> assertThat(follower.watching).isTrue());
        put("pumps/one", "1");
        put("pumps/other", "1");
        eventually(() -> assertThat(follower.changed).containsExactlyInAnyOrder(ONE, OTHER));
    }

    @Test
    void pausesAreShortAgainOnceAWatchHasHeardSomething() {
        List<WatchListener> watches = new CopyOnWriteArrayList<>();
        KvBackend backend = new ForwardingBackend(handle) {
            @Override
            public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                watches.add(listener);
                return new StillWatch(directory);
            }
        };
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        TimeSource time = new ForwardingTime(store.time()) {
            @Override
            public Subscription schedule(Duration delay, Runnable task) {
                Subscription scheduled = super.schedule(delay, task);
                if (delay.compareTo(KeyTracker.PROOF) < 0) {
                    pauses.add(delay);
                }
                return scheduled;
            }
        };
        KvException failure = new UnavailableException(
                new KvException.Context("x", "watch", null), Outcome.NOT_APPLIED, "on purpose", null);
        tracker(backend, time).track(new Recorder(), List.of(ONE, OTHER));
        for (int ended = 0; ended < 100; ended++) {
            int started = ended + 1;
            eventually(() -> assertThat(watches).hasSize(started));
            if (started % 10 == 0) {
                watches.get(ended).onSignal(new Changes(ROOT, List.of(), 1));
            }
            watches.get(ended).onEnd(failure);
            eventually(() -> assertThat(pauses).hasSize(started));
            store.advance(Duration.ofSeconds(5));
        }
        for (int ended = 9; ended < 100; ended += 10) {
            assertThat(pauses.get(ended)).isLessThanOrEqualTo(Duration.ofMillis(100));
        }
        assertThat(pauses).anyMatch(pause -> pause.compareTo(Duration.ofSeconds(1)) > 0);
    }

    private record StillWatch(Directory directory) implements Watch {
        @Override
        public void close() {}
    }
}
