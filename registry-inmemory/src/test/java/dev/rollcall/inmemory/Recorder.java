package dev.rollcall.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A listener that remembers what it was told, folds it into a state, and checks the grammar on the way. */
final class Recorder implements WatchListener {
    private final List<WatchSignal> signals = new ArrayList<>();
    private final SortedMap<Key, KeyValue> state = new TreeMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private long revision = -1;
    private int ends;
    private @Nullable KvException cause;
    private volatile @Nullable CountDownLatch gate;

    /** Makes the next signals wait until the result is counted down. */
    CountDownLatch block() {
        CountDownLatch latch = new CountDownLatch(1);
        gate = latch;
        return latch;
    }

    @Override
    public void onSignal(WatchSignal signal) {
        CountDownLatch closedGate = gate;
        if (closedGate != null) {
            try {
                assertThat(closedGate.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        synchronized (this) {
            signals.add(signal);
            revision = signal.revision();
            if (signal instanceof Snapshot snapshot) {
                state.clear();
                snapshot.entries().forEach(entry -> state.put(entry.key(), entry));
            } else {
                for (Change change : ((Changes) signal).changes()) {
                    if (change instanceof Change.Put put) {
                        state.put(put.key(), put.entry());
                    } else {
                        state.remove(change.key());
                    }
                }
            }
        }
    }

    @Override
    public synchronized void onEnd(@Nullable KvException reason) {
        ends++;
        cause = reason;
        ended.countDown();
    }

    synchronized List<WatchSignal> signals() {
        return List.copyOf(signals);
    }

    synchronized List<KeyValue> state() {
        return List.copyOf(state.values());
    }

    synchronized int ends() {
        return ends;
    }

    synchronized long revision() {
        return revision;
    }

    Recorder awaitRevision(long wanted) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofMinutes(1))
                .until(() -> revision() >= wanted);
        return this;
    }

    @Nullable
    KvException awaitEnd() throws InterruptedException {
        assertThat(ended.await(1, TimeUnit.MINUTES)).as("the watch has ended").isTrue();
        synchronized (this) {
            assertThat(ends).isEqualTo(1);
            return cause;
        }
    }
}
