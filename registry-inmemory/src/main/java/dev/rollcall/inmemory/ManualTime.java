package dev.rollcall.inmemory;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test advances it: leases, deadlines and delays of a store that uses it take no real time, and happen in the same order in
 * every run.
 *
 * <pre>{@code
 * ManualTime time = new ManualTime();
 * InMemoryStore store = InMemoryStore.builder().time(time).build();
 * …
 * time.advance(Duration.ofSeconds(30));
 * }</pre>
 *
 * <p>What is due runs in {@link #advance}, in the thread that calls it, one after another in order of time; what the application is told
 * about it comes on other threads, as always, and may come a moment after {@code advance} has returned.
 */
public final class ManualTime implements TimeSource {
    /*
     * Concurrency: lock guards timers, now and scheduled, and is not held while a timer runs. advancing is held by the one
     * thread that moves time on; it is always taken first.
     */
    private final ReentrantLock advancing = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeSet<Timer> timers = new TreeSet<>(Timer.ORDER);
    private final Instant start;
    private long now;
    private long scheduled;

    private record Timer(long due, long number, Runnable task) {
        static final Comparator<Timer> ORDER =
                Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number);
    }

    /** A clock that begins at 2000-01-01T00:00:00Z. */
    public ManualTime() {
        this(Instant.parse("2000-01-01T00:00:00Z"));
    }

    /** A clock that begins at {@code start}. */
    public ManualTime(Instant start) {
        this.start = requireNonNull(start, "start");
    }

    /**
     * Moves time on, and runs what becomes due on the way, each at its own time; that includes what such a task schedules in turn.
     *
     * @throws IllegalArgumentException if {@code by} is negative
     * @throws IllegalStateException if called by a task that this runs
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("Time cannot be moved back, but it was to be advanced by " + by + ".");
        }
        if (advancing.isHeldByCurrentThread()) {
            throw new IllegalStateException("A timer's task cannot advance the time that it runs on.");
        }
        advancing.lock();
        try {
            long target = nanoTime() + by.toNanos();
            for (Timer due = nextUntil(target); due != null; due = nextUntil(target)) {
                due.task().run();
            }
        } finally {
            advancing.unlock();
        }
    }

    /** The number of tasks that wait for their time. */
    public int scheduled() {
        lock.lock();
        try {
            return timers.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nanoTime() {
        lock.lock();
        try {
            return now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanoTime());
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        requireNonNull(task, "task");
        lock.lock();
        try {
            Timer timer = new Timer(now + Math.max(0, delay.toNanos()), scheduled++, task);
            timers.add(timer);
            return () -> cancel(timer);
        } finally {
            lock.unlock();
        }
    }

    private void cancel(Timer timer) {
        lock.lock();
        try {
            timers.remove(timer);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next timer that is due by {@code target} and brings time there; with none left, time is at the target. */
    private @Nullable Timer nextUntil(long target) {
        lock.lock();
        try {
            Timer first = timers.isEmpty() ? null : timers.first();
            if (first == null || first.due() > target) {
                now = target;
                return null;
            }
            timers.remove(first);
            now = Math.max(now, first.due());
            return first;
        } finally {
            lock.unlock();
        }
    }
}
