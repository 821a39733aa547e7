package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.server.FairClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Wakes the test whenever a listener has heard something, so that it waits for events and not for time. While it waits, a virtual clock
 * goes on at the pace of the real one.
 *
 * <p>Time in which this process got no processor does not count against a backend: of a pause that was to last {@value #POLL_MILLIS} ms, at most {@value
 * #MOST_MILLIS} count.
 */
final class Bell {
    private static final int POLL_MILLIS = 2;
    private static final int MOST_MILLIS = 20;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS);
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS);
    /** Where seconds pass and the condition asks a real store, which has to share the machine with the test. */
    private static final long REAL_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final Duration FAIR_LOOK = Duration.ofMillis(20);

    private final Semaphore rung = new Semaphore(0);
    /** When a virtual clock was last brought up to the real one; shared, or each of many waiting threads would add its own share. */
    private final AtomicLong ticked = new AtomicLong();
    /** How far a virtual clock has been moved on. */
    private final AtomicLong virtualNanos = new AtomicLong();

    private volatile TestStore clock = NoStore.INSTANCE;
    private volatile boolean real;
    private volatile long longestGap;
    private final LongSupplier nanoTime;

    Bell() {
        this(System::nanoTime);
    }

    Bell(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void follow(TestStore store) {
        ticked.set(nanoTime.getAsLong());
        clock = store;
    }

    void ring() {
        rung.release();
    }

    /** Waits until {@code condition} holds; returns whether it does. */
    boolean await(Duration budget, BooleanSupplier condition) {
        long left = budget.toNanos();
        long looking = nanoTime.getAsLong();
        while (!condition.getAsBoolean()) {
            long now = nanoTime.getAsLong();
            left -= now - looking;
            if (left < 0) {
                return condition.getAsBoolean();
            }
            long before = ticked.get();
            if (now > before && ticked.compareAndSet(before, now)) {
                advance(Duration.ofNanos(Math.min(now - before, MOST_NANOS)));
            }
            pause(POLL_NANOS);
            looking = nanoTime.getAsLong();
            left -= Math.min(looking - now, MOST_NANOS);
        }
        return true;
    }

    /** Waits until {@code condition} holds, for what threads have yet to do; a virtual clock stands still. Returns whether it does. */
    boolean settle(Duration budget, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > budget.toNanos()) {
                return condition.getAsBoolean();
            }
            pause(POLL_NANOS);
        }
        return true;
    }

    private boolean advance(Duration by) {
        boolean virtual = clock.advance(by);
        if (virtual) {
            virtualNanos.addAndGet(by.toNanos());
        }
        return virtual;
    }

    /** Whether the store goes by a virtual clock. */
    boolean isVirtual() {
        return clock.advance(Duration.ZERO);
    }

    /** A moment on the store's clock, for measuring: virtual, or that of the wall. */
    long nanoTime() {
        return isVirtual() ? virtualNanos.get() : System.nanoTime();
    }

    /** Waits until {@code condition} holds, for this long by a clock that a busy machine slows down as well; returns whether it does. */
    boolean awaitFairly(Duration budget, BooleanSupplier condition) {
        return fairly(budget, condition, true);
    }

    /** The same for what threads have yet to do; a virtual clock stands still. */
    boolean settleFairly(Duration budget, BooleanSupplier condition) {
        return fairly(budget, condition, false);
    }

    private boolean fairly(Duration budget, BooleanSupplier condition, boolean ticking) {
        if (condition.getAsBoolean()) {
            return true;
        }
        try (FairClock fair = FairClock.start()) {
            while (fair.elapsed().compareTo(budget) < 0) {
                if (ticking ? await(FAIR_LOOK, condition) : settle(FAIR_LOOK, condition)) {
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
            if (!advance(step)) {
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
