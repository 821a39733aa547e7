package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link DistributedLock} or a {@link LeaderElection}; immutable.
 *
 * @param ttl how long a place in the queue survives an owner that has fallen silent; brought within the backend's limits. A pause of the
 *     process that is longer costs the place, and with it the lock or the office
 * @param firstPause the longest pause before a failed step is tried again; doubles with each failure. The actual pause is random between zero
 *     and this, so that those who were cut off together do not come back together
 * @param longestPause where the doubling ends
 * @param closeTimeout how long closing waits for the store to confirm it
 * @param time where time comes from, for tests; null for the clocks of this machine
 */
public record CoordinationOptions(
        Duration ttl,
        Duration firstPause,
        Duration longestPause,
        Duration closeTimeout,
        @Nullable TimeSource time) {
    private static final Duration LONGEST = Duration.ofDays(365);

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if a duration is not positive or longer than 365 days, or the first pause is longer than the longest
     */
    public CoordinationOptions {
        check("ttl", ttl);
        check("first pause", firstPause);
        check("longest pause", longestPause);
        check("close timeout", closeTimeout);
        if (firstPause.compareTo(longestPause) > 0) {
            throw new IllegalArgumentException("The first pause must not be longer than the longest, but they are "
                    + firstPause + " and " + longestPause + ".");
        }
    }

    static void check(String what, Duration value) {
        if (requireNonNull(value, what).isNegative() || value.isZero()) {
            throw new IllegalArgumentException("The " + what + " must be positive, but it is " + value + ".");
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "The " + what + " must not be longer than 365 days, but it is " + value + ".");
        }
    }

    /** A ttl of 10 seconds, pauses from 100 ms to 5 seconds, and 5 seconds to close. */
    public static CoordinationOptions defaults() {
        return new CoordinationOptions(
                Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofSeconds(5), null);
    }

    /** These options with another ttl. */
    public CoordinationOptions withTtl(Duration newTtl) {
        return new CoordinationOptions(newTtl, firstPause, longestPause, closeTimeout, time);
    }

    /** These options with other pauses. */
    public CoordinationOptions withPauses(Duration first, Duration longest) {
        return new CoordinationOptions(ttl, first, longest, closeTimeout, time);
    }

    /** These options with another time to close. */
    public CoordinationOptions withCloseTimeout(Duration newTimeout) {
        return new CoordinationOptions(ttl, firstPause, longestPause, newTimeout, time);
    }

    /** These options on another clock. */
    public CoordinationOptions withTime(TimeSource newTime) {
        return new CoordinationOptions(ttl, firstPause, longestPause, closeTimeout, requireNonNull(newTime, "time"));
    }
}
