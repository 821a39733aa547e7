package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Key A = Key.of("/d/a");
    private static final Key ELSEWHERE = Key.of("/e/a");
    private static final Bytes X = Bytes.ofUtf8("x");

    private final InMemoryStore store =
            InMemoryStore.builder().time(new ManualTime()).historyLimit(10).build();
    private final InMemoryBackend watcher = store.open();
    private final InMemoryBackend writer = store.open();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        watcher.close();
        writer.close();
    }

    private void write(Key key, int times) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            await(writer.put(key, X));
        }
    }

    @Test
    void snapshotComesFirstAndChangesFollow() throws InterruptedException {
        write(A, 2);
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        recorder.awaitRevision(2);
        write(ELSEWHERE, 1);
        write(A, 1);
        recorder.awaitRevision(4);
        assertThat(recorder.signals().get(0)).isInstanceOf(Snapshot.class);
        assertThat(recorder.signals()).hasSize(2);
        assertThat(recorder.state()).isEqualTo(await(writer.list(DIR)).entries());
    }

    @Test
    void watchAfterARevisionReplaysWhatCameAfterIt() throws InterruptedException {
        write(A, 3);
        watcher.watch(DIR, WatchStart.after(2), recorder);
        recorder.awaitRevision(3);
        assertThat(recorder.signals()).singleElement().isInstanceOf(Changes.class);
    }

    @Test
    void watchAheadOfTheStoreIsSilentUntilThen() throws InterruptedException {
        watcher.watch(DIR, WatchStart.after(3), recorder);
        Recorder everything = new Recorder();
        watcher.watch(DIR, WatchStart.history(3), everything);
        write(A, 4);
        recorder.awaitRevision(4);
        everything.awaitRevision(4);
        assertThat(recorder.signals()).extracting(WatchSignal::revision).containsExactly(4L);
        assertThat(everything.signals()).extracting(WatchSignal::revision).containsExactly(4L);
    }

    @Test
    void historySkipsNothing() throws InterruptedException {
        write(A, 2);
        CountDownLatch gate = recorder.block();
        watcher.watch(DIR, WatchStart.history(0), recorder);
        write(A, 2);
        write(ELSEWHERE, 2);
        await(writer.commit(
                Txn.builder().delete(A).put(Key.of("/d/b"), X).put(ELSEWHERE, X).build()));
        gate.countDown();
        recorder.awaitRevision(7);
        assertThat(recorder.signals()).extracting(WatchSignal::revision).containsExactly(1L, 2L, 3L, 4L, 7L);
        assertThat(((Changes) recorder.signals().get(4)).changes()).hasSize(2);
    }

    @Test
    void historyThatWasOvertakenEndsTheWatch() throws InterruptedException {
        CountDownLatch gate = recorder.block();
        watcher.watch(DIR, WatchStart.history(0), recorder);
        write(A, 12);
        gate.countDown();
        assertThat(recorder.awaitEnd())
                .isInstanceOf(HistoryUnavailableException.class)
                .hasMessageContaining("after the revision of that list");
        assertThat(recorder.signals()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void quietHistoryWatchSurvivesCompaction() throws InterruptedException {
        watcher.watch(DIR, WatchStart.history(0), recorder);
        write(ELSEWHERE, 30);
        store.compact();
        write(A, 1);
        recorder.awaitRevision(31);
        assertThat(recorder.ends()).isZero();
    }

    @Test
    void compactedStartEndsTheWatchUnlessItIsExactlyAtTheEdge() throws InterruptedException {
        write(A, 5);
        store.compact(3);
        watcher.watch(DIR, WatchStart.after(2), recorder);
        assertThat(recorder.awaitEnd())
                .isInstanceOf(HistoryUnavailableException.class)
                .hasMessageContaining("after revision 2")
                .hasMessageContaining("compacted up to revision 3");
        Recorder history = new Recorder();
        watcher.watch(DIR, WatchStart.history(2), history);
        assertThat(history.awaitEnd()).isInstanceOf(HistoryUnavailableException.class);
        Recorder edge = new Recorder();
        watcher.watch(DIR, WatchStart.after(3), edge);
        edge.awaitRevision(5);
    }

    @Test
    void historyReachesExactlyAsFarBackAsItsLimit() throws InterruptedException {
        for (int i = 1; i <= 15; i++) {
            write(Key.of("/d/k" + i), 1);
        }
        watcher.watch(DIR, WatchStart.after(4), recorder);
        assertThat(recorder.awaitEnd()).isInstanceOf(HistoryUnavailableException.class);
        Recorder edge = new Recorder();
        watcher.watch(DIR, WatchStart.after(5), edge);
        edge.awaitRevision(15);
        assertThat(edge.state()).hasSize(10);
    }

    @Test
    void reconnectResumesFromTheHistory() throws InterruptedException {
        Recorder after = new Recorder();
        Recorder history = new Recorder();
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        watcher.watch(DIR, WatchStart.after(0), after);
        watcher.watch(DIR, WatchStart.history(0), history);
        write(A, 1);
        List.of(recorder, after, history).forEach(each -> each.awaitRevision(1));
        watcher.faults().disconnect();
        write(A, 2);
        watcher.faults().reconnect();
        List.of(recorder, after, history).forEach(each -> each.awaitRevision(3));
        write(A, 1);
        List.of(recorder, after, history).forEach(each -> each.awaitRevision(4));
        assertThat(recorder.signals().stream().filter(Snapshot.class::isInstance))
                .hasSize(1);
        assertThat(history.signals()).extracting(WatchSignal::revision).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void compactionWhileAwayGivesAFreshSnapshotOrTheEnd() throws InterruptedException {
        Recorder after = new Recorder();
        Recorder history = new Recorder();
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        watcher.watch(DIR, WatchStart.after(0), after);
        watcher.watch(DIR, WatchStart.history(0), history);
        recorder.awaitRevision(0);
        watcher.faults().disconnect();
        write(A, 15);
        watcher.faults().reconnect();
        recorder.awaitRevision(15);
        assertThat(after.awaitEnd()).isInstanceOf(HistoryUnavailableException.class);
        assertThat(history.awaitEnd()).isInstanceOf(HistoryUnavailableException.class);
        assertThat(recorder.signals()).hasSize(2).allMatch(Snapshot.class::isInstance);
        assertThat(recorder.state()).isEqualTo(await(writer.list(DIR)).entries());
        write(A, 1);
        recorder.awaitRevision(16);
    }

    @Test
    void watchThatBeginsWhileCutStartsOnReconnect() throws InterruptedException {
        watcher.faults().disconnect();
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        write(A, 2);
        watcher.faults().reconnect();
        recorder.awaitRevision(2);
        assertThat(recorder.signals()).hasSize(1);
    }

    @Test
    void frozenStoreTellsNothingUntilItThaws() throws InterruptedException {
        watcher.watch(DIR, WatchStart.after(0), recorder);
        watcher.faults().freeze();
        Recorder unharmed = new Recorder();
        writer.watch(DIR, WatchStart.after(0), unharmed);
        write(A, 2);
        unharmed.awaitRevision(2);
        assertThat(recorder.revision()).isEqualTo(-1);
        watcher.faults().thaw();
        recorder.awaitRevision(2);
    }

    @Test
    void closedWatchIsToldSoAndForgotten() throws InterruptedException {
        Watch watch = watcher.watch(DIR, WatchStart.snapshot(), recorder);
        recorder.awaitRevision(0);
        watch.close();
        watch.close();
        assertThat(store.storeData().isWatched()).isFalse();
        Recorder open = new Recorder();
        watcher.watch(DIR, WatchStart.after(0), open);
        write(A, 1);
        open.awaitRevision(1);
        assertThat(recorder.awaitEnd()).isNull();
        assertThat(recorder.signals()).hasSize(1);
    }

    @Test
    void closeOfTheHandleEndsItsWatches() throws InterruptedException {
        Recorder history = new Recorder();
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        watcher.watch(DIR, WatchStart.history(0), history);
        watcher.close();
        assertThat(recorder.awaitEnd()).isInstanceOf(BackendClosedException.class);
        assertThat(history.awaitEnd()).isInstanceOf(BackendClosedException.class);
        assertThat(store.storeData().isWatched()).isFalse();
    }

    @Test
    void listenerMayCallAnythingAndCloseItsHandle() throws Exception {
        CompletableFuture<List<Object>> told = new CompletableFuture<>();
        List<Object> seen = new ArrayList<>();
        watcher.watch(DIR, WatchStart.snapshot(), new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                seen.add(signal.revision());
                try {
                    seen.add(await(watcher.put(ELSEWHERE, X)).revision());
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                watcher.watch(DIR, WatchStart.snapshot(), recorder);
                watcher.close();
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                seen.add(cause == null ? "closed" : cause.getClass());
                told.complete(seen);
            }
        });
        assertThat(told.get(90, TimeUnit.SECONDS)).containsExactly(0L, 1L, BackendClosedException.class);
        assertThat(recorder.awaitEnd()).isInstanceOf(BackendClosedException.class);
    }

    @Test
    void listenerThatBlocksDelaysNobodyElse() throws InterruptedException {
        List<CountDownLatch> gates = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Recorder blocked = new Recorder();
            gates.add(blocked.block());
            watcher.watch(DIR, WatchStart.snapshot(), blocked);
        }
        watcher.watch(DIR, WatchStart.snapshot(), recorder);
        write(A, 50);
        recorder.awaitRevision(50);
        gates.forEach(CountDownLatch::countDown);
    }

    @Test
    void writeTellsOnlyTheWatchesOfItsDirectory() throws InterruptedException {
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Recorder each = new Recorder();
            recorders.add(each);
            watcher.watch(Directory.of("/kind/n" + i), WatchStart.after(0), each);
        }
        await(writer.put(Key.of("/kind/n77/x"), X));
        recorders.get(77).awaitRevision(1);
        // Whom the first write told by mistake was told before whom the second one tells.
        Recorder last = new Recorder();
        watcher.watch(Directory.of("/kind/last"), WatchStart.after(1), last);
        await(writer.put(Key.of("/kind/last/x"), X));
        last.awaitRevision(2);
        assertThat(recorders).filteredOn(each -> !each.signals().isEmpty()).containsExactly(recorders.get(77));
    }
}
