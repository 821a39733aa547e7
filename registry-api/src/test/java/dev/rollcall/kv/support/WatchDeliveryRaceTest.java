package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchDeliveryRaceTest {
    private static final Directory DIR = Directory.of("/d");
    private static final KvException GONE =
            new BackendClosedException(new KvException.Context("test", "watch", null), Outcome.NOT_APPLIED);

    /** Checks the grammar and that every cut is whole: both keys are always written together. */
    private static final class Judge implements WatchListener {
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger faults = new AtomicInteger();
        final CountDownLatch ended = new CountDownLatch(1);
        final Map<Key, Long> state = new HashMap<>();
        volatile long revision;
        int ends;

        @Override
        public void onSignal(WatchSignal signal) {
            check(inside.incrementAndGet() == 1);
            check(ends == 0 && signal.revision() > revision);
            for (Change change : ((Changes) signal).changes()) {
                state.put(change.key(), change.revision());
            }
            check(state.size() == 2 && state.values().stream().allMatch(seen -> seen == signal.revision()));
            revision = signal.revision();
            inside.decrementAndGet();
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            check(inside.incrementAndGet() == 1);
            check(++ends == 1);
            inside.decrementAndGet();
            ended.countDown();
        }

        private void check(boolean good) {
            if (!good) {
                faults.incrementAndGet();
            }
        }
    }

    @Test
    void offersCloseAndEndMayRaceInAnyWay() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HandleThreads handle = HandleThreads.open("race")) {
            for (int round = 0; round < 5_000; round++) {
                Judge judge = new Judge();
                AtomicInteger hooks = new AtomicInteger();
                WatchDelivery delivery = WatchDelivery.after(DIR, 0, judge, handle.callbacks(), hooks::incrementAndGet);
                CyclicBarrier start = new CyclicBarrier(3);
                int kind = round % 3;
                Future<?> offers = threads.submit(() -> {
                    start.await();
                    for (int revision = 1; revision <= 20; revision++) {
                        delivery.changes(
                                List.of(WatchDeliveryTest.put("a", revision), WatchDeliveryTest.put("b", revision)),
                                revision);
                    }
                    return null;
                });
                Future<?> close = threads.submit(() -> {
                    start.await();
                    if (kind == 0) {
                        delivery.end(GONE);
                    } else {
                        delivery.close();
                    }
                    return null;
                });
                start.await();
                if (kind == 2) {
                    delivery.closeWith(GONE);
                }
                offers.get();
                close.get();
                assertThat(judge.ended.await(90, TimeUnit.SECONDS)).isTrue();
                assertThat(judge.faults).as("round %d", round).hasValue(0);
                assertThat(hooks).hasValue(1);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void lastOfferAlwaysArrives() throws Exception {
        try (HandleThreads handle = HandleThreads.open("race")) {
            for (int round = 0; round < 2_000; round++) {
                Judge judge = new Judge();
                WatchDelivery delivery = WatchDelivery.after(DIR, 0, judge, handle.callbacks(), () -> {});
                for (int revision = 1; revision <= 30; revision++) {
                    delivery.changes(
                            List.of(WatchDeliveryTest.put("a", revision), WatchDeliveryTest.put("b", revision)),
                            revision);
                }
                delivery.end(null);
                assertThat(judge.ended.await(90, TimeUnit.SECONDS)).isTrue();
                assertThat(judge.revision).isEqualTo(30);
                assertThat(judge.faults).hasValue(0);
            }
        }
    }
}
