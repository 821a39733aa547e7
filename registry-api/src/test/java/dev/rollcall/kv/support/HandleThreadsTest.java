package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandleThreadsTest {
    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(90, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void join(Set<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(90));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void threadsAreNamedDaemons() {
        try (HandleThreads threads = HandleThreads.open("etcd")) {
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            CountDownLatch done = new CountDownLatch(2);
            Runnable look = () -> {
                seen.add(Thread.currentThread());
                done.countDown();
            };
            threads.callbacks().execute(look);
            threads.time().schedule(Duration.ZERO, look);
            await(done);
            assertThat(seen).allMatch(Thread::isDaemon);
            assertThat(seen)
                    .extracting(Thread::getName)
                    .anyMatch(name -> name.matches("rollcall-etcd-\\d+-callback-1"))
                    .anyMatch(name -> name.matches("rollcall-etcd-\\d+-timer"));
        }
    }

    @Test
    void callbacksThatBlockDoNotStopOthers() {
        try (HandleThreads threads = HandleThreads.open("test")) {
            int blocked = 4 * CallbackThreads.USUAL;
            CountDownLatch all = new CountDownLatch(blocked);
            for (int i = 0; i < blocked; i++) {
                threads.callbacks().execute(() -> {
                    all.countDown();
                    await(all);
                });
            }
            await(all);
        }
    }

    @Test
    void manyShortCallbacksNeedFewThreads() {
        try (HandleThreads threads = HandleThreads.open("test")) {
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            CountDownLatch done = new CountDownLatch(20_000);
            long begun = System.nanoTime();
            for (int i = 0; i < 20_000; i++) {
                threads.callbacks().execute(() -> {
                    seen.add(Thread.currentThread());
                    done.countDown();
                });
            }
            await(done);
            // Each beyond the usual number has first seen all others stand still for a while, as on a busy machine they
            // do: never thousands.
            long stalls = (System.nanoTime() - begun) / CallbackThreads.STALL_NANOS;
            assertThat(seen.size()).isLessThanOrEqualTo((int) (CallbackThreads.USUAL + stalls + 1));
        }
    }

    @Test
    void closeRunsWhatIsQueuedAndEndsEveryThread() throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(100);
        HandleThreads threads = HandleThreads.open("test");
        threads.time().schedule(Duration.ofHours(1), () -> {});
        for (int i = 0; i < 100; i++) {
            threads.callbacks().execute(() -> {
                seen.add(Thread.currentThread());
                await(gate);
                done.countDown();
            });
        }
        threads.close();
        threads.close();
        gate.countDown();
        await(done);
        join(seen);
    }

    @Test
    void callbackAfterCloseStillRuns() throws InterruptedException {
        HandleThreads threads = HandleThreads.open("test");
        threads.close();
        CountDownLatch done = new CountDownLatch(1);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        threads.callbacks().execute(() -> {
            seen.add(Thread.currentThread());
            done.countDown();
        });
        await(done);
        join(seen);
        threads.time().schedule(Duration.ZERO, () -> {}).close();
    }

    @Test
    void callbackThatThrowsOrInterruptsLeavesItsThreadUsable() {
        try (HandleThreads threads = HandleThreads.open("test")) {
            CountDownLatch done = new CountDownLatch(50);
            for (int i = 0; i < 50; i++) {
                threads.callbacks().execute(() -> {
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    Thread.currentThread().interrupt();
                    done.countDown();
                    if (done.getCount() % 10 == 0) {
                        throw new AssertionError("on purpose");
                    }
                });
            }
            await(done);
        }
    }

    @Test
    void cancelledTimerDoesNotRun() {
        try (HandleThreads threads = HandleThreads.open("test")) {
            CountDownLatch gate = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            Set<String> ran = ConcurrentHashMap.newKeySet();
            // The timer's one thread waits meanwhile, so that nothing is cancelled too late.
            threads.time().schedule(Duration.ZERO, () -> await(gate));
            threads.time()
                    .schedule(Duration.ofNanos(1), () -> ran.add("cancelled"))
                    .close();
            threads.time().schedule(Duration.ofMillis(1), done::countDown);
            gate.countDown();
            await(done);
            assertThat(ran).isEmpty();
        }
    }
}
