package dev.rollcall.registry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Random pauses whose upper bound doubles from pause to pause, until it is reset. Confined to its owner's lane. */
final class Backoff {
    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private long nextNanos;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
        this.nextNanos = firstNanos;
    }

    Duration next() {
        long bound = nextNanos;
        nextNanos = bound > longestNanos / 2 ? longestNanos : bound * 2;
        return Duration.ofNanos(random.nextLong(bound + 1));
    }

    void reset() {
        nextNanos = firstNanos;
    }
}
