package dev.rollcall.kv.support;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A clock for one thread that stands until it is moved. */
final class ManualClock implements TimeSource {
    private final List<Timer> timers = new ArrayList<>();
    private long now = Long.MAX_VALUE - 1_000_000;

    private record Timer(long due, Runnable task) {}

    void advance(Duration by) {
        now += by.toNanos();
        List<Timer> due =
                timers.stream().filter(timer -> timer.due() - now <= 0).toList();
        timers.removeAll(due);
        due.stream()
                .sorted(Comparator.comparingLong(Timer::due))
                .forEach(timer -> timer.task().run());
    }

    int scheduled() {
        return timers.size();
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH;
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        Timer timer = new Timer(now + delay.toNanos(), task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }
}
