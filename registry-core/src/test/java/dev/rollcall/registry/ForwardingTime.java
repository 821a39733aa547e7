package dev.rollcall.registry;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;

/** The time of another source; a test overrides what it wants to hear of. */
class ForwardingTime implements TimeSource {
    private final TimeSource real;

    ForwardingTime(TimeSource real) {
        this.real = real;
    }

    @Override
    public long nanoTime() {
        return real.nanoTime();
    }

    @Override
    public Instant instant() {
        return real.instant();
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        return real.schedule(delay, task);
    }
}
