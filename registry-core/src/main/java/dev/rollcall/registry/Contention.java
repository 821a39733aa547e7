package dev.rollcall.registry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Attempts of one call to change a record that others change too. Each failed attempt has a reply of the store, so it is known not to be applied. No
 * attempt begins that would probably still be under way at the deadline, since its outcome would be unknown. Confined to its caller's thread.
 */
final class Contention {
    private static final int FIRST_MICROS = 500;
    private static final int MOST_DOUBLINGS = 8;

    private final BlockingCalls.Call call;
    private int conflicts;
    private long begun;
    private long longestNanos;

    Contention(BlockingCalls.Call call) {
        this.call = call;
    }

    void beforeAttempt() {
        if (conflicts > 0) {
            call.checkLeft(
                    Duration.ofNanos(2 * longestNanos),
                    "since others changed the record first, " + conflicts + (conflicts == 1 ? " time" : " times"));
        }
        begun = call.time().nanoTime();
    }

    /** Someone was faster. Pauses, in real time because the others are real, so that not all try again at once. */
    void lost() throws InterruptedException {
        longestNanos = Math.max(longestNanos, call.time().nanoTime() - begun);
        conflicts++;
        long bound = (long) FIRST_MICROS << Math.min(conflicts - 1, MOST_DOUBLINGS);
        TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextLong(bound + 1));
    }
}
