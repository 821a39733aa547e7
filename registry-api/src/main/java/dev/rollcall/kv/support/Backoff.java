package dev.rollcall.kv.support;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Random pauses whose upper bound doubles from pause to pause, until it is reset. Not safe for use by several threads: confined to its
 * owner's lane.
 */
public final class Backoff {
    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private long nextNanos;

    /** Pauses of at most {@code first} to begin with, and never more than {@code longest}. */
    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
        this.nextNanos = firstNanos;
    }

    /** The next pause: random between zero and the present bound, which then doubles. */
    public Duration next() {
        long bound = nextNanos;
        nextNanos = bound > longestNanos / 2 ? longestNanos : bound * 2;
        return Duration.ofNanos(random.nextLong(bound + 1));
    }

    /** Begins again with the first bound. */
    public void reset() {
        nextNanos = firstNanos;
    }
}
