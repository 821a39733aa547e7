package dev.rollcall.zookeeper;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still unless a test moves it: what is to be done after a while waits until the test does it. */
final class StoppedClock implements TimeSource {
    private final Deque<Runnable> due = new ConcurrentLinkedDeque<>();
    private final AtomicLong now = new AtomicLong();
    private final List<Duration> delays = new CopyOnWriteArrayList<>();

    /** What has been scheduled and not withdrawn, the oldest first. */
    Deque<Runnable> due() {
        return due;
    }

    /** The delays of all that has ever been scheduled, the oldest first. */
    List<Duration> delays() {
        return delays;
    }

    /** Lets this time pass, which must make all due that is scheduled. */
    void pass(Duration time) {
        now.addAndGet(time.toNanos());
        List<Runnable> tasks = List.copyOf(due);
        due.removeAll(tasks);
        tasks.forEach(Runnable::run);
    }

    /** Does what was scheduled last, now. */
    void runLatest() {
        due.removeLast().run();
    }

    @Override
    public long nanoTime() {
        return now.get();
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH;
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        delays.add(delay);
        due.add(task);
        return () -> due.remove(task);
    }
}
