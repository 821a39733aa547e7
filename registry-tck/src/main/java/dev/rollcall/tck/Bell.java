package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.server.FairClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Wakes the test whenever a listener has heard something, so that it waits for events and not for time. While it waits, a virtual clock
 * goes on at the pace of the real one.
 */
final class Bell {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    /** Where seconds pass and the condition asks a real store, which has to share the machine with the test. */
    private static final long REAL_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final Duration FAIR_LOOK = Duration.ofMillis(20);

    private final Semaphore rung = new Semaphore(0);
    /** When a virtual clock was last brought up to the real one; shared, or each of many waiting threads would add its own share. */
    private final AtomicLong ticked = new AtomicLong();

    private volatile TestStore clock = NoStore.INSTANCE;
    private volatile boolean real;
    private volatile long longestGap;

    void follow(TestStore store) {
        ticked.set(System.nanoTime());
        clock = store;
    }

    void ring() {
        rung.release();
    }

    /** Waits until {@code condition} holds; returns whether it does. */
    boolean await(Duration budget, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - start > budget.toNanos()) {
                return condition.getAsBoolean();
            }
            long before = ticked.get();
            if (now > before && ticked.compareAndSet(before, now)) {
                clock.advance(Duration.ofNanos(now - before));
            }
            pause(POLL_NANOS);
        }
        return true;
    }

    /** Waits until {@code condition} holds, for this long by a clock that a busy machine slows down as well; returns whether it does. */
    boolean awaitFairly(Duration budget, BooleanSupplier condition) {
        if (condition.getAsBoolean()) {
            return true;
        }
        try (FairClock fair = FairClock.start()) {
            while (fair.elapsed().compareTo(budget) < 0) {
                if (await(FAIR_LOOK, condition)) {
                    return true;
                }
            }
        }
        return condition.getAsBoolean();
    }

    /** Waits until {@code future} is done; returns whether it is. */
    boolean await(Duration budget, CompletableFuture<?> future) {
        future.whenComplete((result, failure) -> ring());
        return await(budget, future::isDone);
    }

    /**
     * Lets {@code time} pass, at once where the clock is virtual, or less if {@code condition} holds before; returns whether it does. Where seconds pass,
     * what is seen when they are over does not count, however long it took to look.
     */
    boolean pass(Duration time, BooleanSupplier condition) {
        longestGap = 0;
        long end = System.nanoTime() + time.toNanos();
        Duration step = time.dividedBy(40);
        for (Duration left = time; !left.isNegative() && !left.isZero(); left = left.minus(step)) {
            if (condition.getAsBoolean()) {
                return true;
            }
            if (!clock.advance(step)) {
                real = true;
                return passReally(end, condition);
            }
            // Room for the threads that the new time has woken.
            pause(POLL_NANOS);
        }
        return condition.getAsBoolean();
    }

    private boolean passReally(long end, BooleanSupplier condition) {
        long longest = 0;
        long looked = System.nanoTime();
        for (long left = end - looked; left > 0; left = end - looked) {
            pause(Math.min(REAL_POLL_NANOS, left));
            boolean holds = condition.getAsBoolean();
            long now = System.nanoTime();
            longest = Math.max(longest, now - looked);
            longestGap = longest;
            looked = now;
            if (holds) {
                return now - end < 0;
            }
        }
        return false;
    }

    /** The longest time between two looks while {@link #pass} let real time pass last; where it was virtual, nothing. */
    Duration longestGap() {
        return Duration.ofNanos(longestGap);
    }

    /** Whether the time that {@link #pass} let pass last was that of the clock on the wall. */
    boolean isReal() {
        return real;
    }

    private void pause(long nanos) {
        try {
            if (rung.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                rung.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test was interrupted while it waited; its time was up.", e);
        }
    }

    /** The clock before there is a store: real. */
    private static final class NoStore implements TestStore {
        static final NoStore INSTANCE = new NoStore();

        @Override
        public KvBackend open() {
            throw new IllegalStateException("There is no store.");
        }

        @Override
        public void close() {}
    }
}
