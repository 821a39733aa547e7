package dev.rollcall.kv;

import java.time.Duration;
import java.time.Instant;

/**
 * Where time comes from: a monotonic clock, the wall clock and a timer, which tests replace by one that they advance by hand.
 *
 * <p>Every deadline, lease and delay is measured with {@link #nanoTime()}; the wall clock is only ever shown.
 */
public interface TimeSource {
    /** Nanoseconds on a clock that never goes back; only differences mean anything. */
    long nanoTime();

    /** The wall-clock time. */
    Instant instant();

    /**
     * Runs {@code task} once, {@code delay} from now, on the timer's one thread; the task must be short and must not block.
     *
     * @return closes to cancel; a task that has begun is not interrupted
     */
    Subscription schedule(Duration delay, Runnable task);
}
