package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchDeliveryTest {
    private static final Directory DIR = Directory.of("/d");
    private static final KvException GONE =
            new BackendClosedException(new KvException.Context("test", "watch", null), Outcome.NOT_APPLIED);

    private final ManualExecutor executor = new ManualExecutor();
    private final List<Object> told = new ArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();
    private Consumer<WatchSignal> reaction = signal -> {};
    private final WatchListener listener = new WatchListener() {
        @Override
        public void onSignal(WatchSignal signal) {
            told.add(signal);
            reaction.accept(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            told.add(cause == null ? "end" : cause);
        }
    };

    private WatchDelivery fromSnapshot() {
        return WatchDelivery.fromSnapshot(DIR, listener, executor, ended::incrementAndGet);
    }

    private WatchDelivery after(long revision) {
        return WatchDelivery.after(DIR, revision, listener, executor, ended::incrementAndGet);
    }

    static Change put(String name, long revision) {
        return new Change.Put(new KeyValue(DIR.key(name), Bytes.EMPTY, revision, false));
    }

    private static Change delete(String name, long revision) {
        return new Change.Delete(Key.of("/d/" + name), revision);
    }

    private static Snapshot snapshot(long revision) {
        return new Snapshot(DIR, List.of(), revision);
    }

    private static Changes changes(long revision, Change... changes) {
        return new Changes(DIR, List.of(changes), revision);
    }

    @Test
    void aSnapshotOlderThanOneThatWaitsIsDropped() {
        WatchDelivery delivery = fromSnapshot();
        assertThat(delivery.snapshot(snapshot(10))).isTrue();
        assertThat(delivery.snapshot(snapshot(7))).isFalse();
        executor.runAll();
        assertThat(told).containsExactly(snapshot(10));
    }

    @Test
    void aSnapshotOlderThanTheGapDoesNotCloseIt() {
        WatchDelivery delivery = fromSnapshot();
        delivery.snapshot(snapshot(5));
        executor.runAll();
        delivery.changes(List.of(put("a", 10)), 10);
        delivery.gap();
        assertThat(delivery.snapshot(snapshot(7))).isFalse();
        delivery.changes(List.of(put("b", 12)), 12);
        executor.runAll();
        assertThat(told).containsExactly(snapshot(5));
        assertThat(delivery.snapshot(snapshot(11))).isTrue();
        executor.runAll();
        assertThat(told).containsExactly(snapshot(5), snapshot(11), changes(12, put("b", 12)));
    }

    @Test
    void signalsComeInOrderOnTheExecutor() {
        WatchDelivery delivery = fromSnapshot();
        delivery.snapshot(snapshot(3));
        assertThat(told).isEmpty();
        executor.runAll();
        delivery.changes(List.of(put("a", 4)), 4);
        executor.runAll();
        assertThat(told).containsExactly(snapshot(3), changes(4, put("a", 4)));
    }

    @Test
    void offersMergeIntoOneCutAtTheLatestRevision() {
        WatchDelivery delivery = after(1);
        delivery.changes(List.of(put("a", 2), put("b", 2)), 2);
        delivery.changes(List.of(put("c", 3)), 3);
        delivery.changes(List.of(delete("a", 4)), 4);
        executor.runAll();
        assertThat(told).containsExactly(changes(4, put("b", 2), put("c", 3), delete("a", 4)));
    }

    @Test
    void repeatedAndOlderOffersAreDropped() {
        WatchDelivery delivery = after(5);
        delivery.changes(List.of(put("a", 5)), 5);
        delivery.changes(List.of(put("a", 6)), 6);
        delivery.changes(List.of(put("a", 6)), 6);
        delivery.changes(List.of(put("b", 4)), 4);
        executor.runAll();
        delivery.changes(List.of(put("a", 6)), 6);
        executor.runAll();
        delivery.changes(List.of(put("c", 7)), 7);
        executor.runAll();
        assertThat(told).containsExactly(changes(6, put("a", 6)), changes(7, put("c", 7)));
    }

    @Test
    void newerSnapshotReplacesWhatIsPending() {
        WatchDelivery delivery = fromSnapshot();
        delivery.snapshot(snapshot(1));
        delivery.changes(List.of(put("a", 2)), 2);
        delivery.snapshot(snapshot(5));
        delivery.changes(List.of(put("a", 6)), 6);
        executor.runAll();
        assertThat(told).containsExactly(snapshot(5), changes(6, put("a", 6)));
    }

    @Test
    void changesAheadOfTheFirstSnapshotWaitForIt() {
        WatchDelivery delivery = fromSnapshot();
        delivery.changes(List.of(put("a", 7), put("b", 7)), 7);
        delivery.changes(List.of(put("a", 9)), 9);
        executor.runAll();
        assertThat(told).isEmpty();
        delivery.snapshot(snapshot(8));
        executor.runAll();
        assertThat(told).containsExactly(snapshot(8), changes(9, put("a", 9)));
    }

    @Test
    void nothingIsDeliveredBetweenAGapAndItsSnapshot() {
        WatchDelivery delivery = fromSnapshot();
        delivery.snapshot(snapshot(1));
        executor.runAll();
        delivery.changes(List.of(put("a", 2)), 2);
        delivery.gap();
        delivery.changes(List.of(put("b", 5)), 5);
        executor.runAll();
        assertThat(told).containsExactly(snapshot(1));
        assertThat(delivery.snapshot(snapshot(0))).isFalse();
        assertThat(delivery.snapshot(snapshot(4))).isTrue();
        executor.runAll();
        assertThat(told).containsExactly(snapshot(1), snapshot(4), changes(5, put("b", 5)));
    }

    @Test
    void emptyOfferMovesTheRevisionOn() {
        WatchDelivery delivery = after(1);
        delivery.changes(List.of(), 4);
        executor.runAll();
        assertThat(told).containsExactly(changes(4));
    }

    @Test
    void endFollowsWhatIsPendingAndIsTheLast() {
        WatchDelivery delivery = after(1);
        delivery.changes(List.of(put("a", 2)), 2);
        delivery.end(GONE);
        delivery.changes(List.of(put("a", 3)), 3);
        delivery.end(null);
        delivery.close();
        assertThat(delivery.isEnded()).isTrue();
        executor.runAll();
        assertThat(told).last().isSameAs(GONE);
        assertThat(ended).hasValue(1);
    }

    @Test
    void endReachesAWatchThatStillWaitsForItsSnapshot() {
        WatchDelivery delivery = fromSnapshot();
        delivery.changes(List.of(put("a", 2)), 2);
        delivery.end(GONE);
        executor.runAll();
        assertThat(told).containsExactly(GONE);
    }

    @Test
    void closeDropsWhatIsPending() {
        WatchDelivery delivery = after(1);
        delivery.changes(List.of(put("a", 2)), 2);
        delivery.close();
        delivery.close();
        executor.runAll();
        assertThat(told).containsExactly("end");
        assertThat(ended).hasValue(1);
    }

    @Test
    void closeWithinTheCallbackEndsTheWatchAfterIt() {
        WatchDelivery delivery = fromSnapshot();
        reaction = signal -> delivery.close();
        delivery.snapshot(snapshot(1));
        delivery.changes(List.of(put("a", 2)), 2);
        executor.runAll();
        assertThat(told).containsExactly(snapshot(1), "end");
    }

    @Test
    void listenerThatThrowsGoesOn() {
        WatchDelivery delivery = after(1);
        reaction = signal -> {
            if (signal.revision() == 2) {
                throw new StackOverflowError("on purpose");
            }
            throw new IllegalStateException("on purpose");
        };
        delivery.changes(List.of(put("a", 2)), 2);
        executor.runAll();
        delivery.changes(List.of(put("a", 3)), 3);
        executor.runAll();
        delivery.end(null);
        executor.runAll();
        assertThat(told).containsExactly(changes(2, put("a", 2)), changes(3, put("a", 3)), "end");
    }

    @Test
    void interruptLeftBehindDoesNotReachTheNextCall() {
        WatchDelivery delivery = fromSnapshot();
        List<Boolean> interrupted = new ArrayList<>();
        reaction = signal -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
        };
        delivery.snapshot(snapshot(1));
        delivery.changes(List.of(put("a", 2)), 2);
        executor.runAll();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupted).containsExactly(false, false);
    }

    @Test
    void whatIsOfferedDuringACallNeedsNoNewTask() {
        WatchDelivery delivery = after(1);
        reaction = signal -> {
            if (signal.revision() == 2) {
                delivery.changes(List.of(put("a", 3)), 3);
                delivery.end(null);
                assertThat(executor.size()).isZero();
            }
        };
        delivery.changes(List.of(put("a", 2)), 2);
        executor.runAll();
        assertThat(told).containsExactly(changes(2, put("a", 2)), changes(3, put("a", 3)), "end");
    }

    @Test
    void manyOffersForOneKeyAreHeldAsOneChange() {
        WatchDelivery delivery = after(0);
        for (int revision = 1; revision <= 100_000; revision++) {
            delivery.changes(List.of(put("a", revision)), revision);
        }
        assertThat(executor.size()).isEqualTo(1);
        executor.runAll();
        assertThat(told).containsExactly(changes(100_000, put("a", 100_000)));
    }

    @Test
    void changeIsPendingUntilItIsTakenForDelivery() {
        WatchDelivery delivery = after(1);
        delivery.changes(List.of(delete("a", 2)), 2);
        assertThat(delivery.isPending(DIR.key("a"))).isTrue();
        assertThat(delivery.isPending(DIR.key("b"))).isFalse();
        executor.runAll();
        assertThat(delivery.isPending(DIR.key("a"))).isFalse();
        assertThat(told).containsExactly(changes(2, delete("a", 2)));
    }
}
