package dev.rollcall.zookeeper;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** A clock that stands still: what is to be done after a while waits until a test does it. */
final class StoppedClock implements TimeSource {
    private final Deque<Runnable> due = new ConcurrentLinkedDeque<>();

    /** What has been scheduled and not withdrawn, the oldest first. */
    Deque<Runnable> due() {
        return due;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH;
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        due.add(task);
        return () -> due.remove(task);
    }
}
