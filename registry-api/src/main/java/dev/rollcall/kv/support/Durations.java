package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What durations settings may have, and which of two is the shorter one. */
public final class Durations {
    /** The longest that a setting may be: more overflows a count of nanoseconds sooner or later, and means nothing. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Durations() {}

    /** Whether a setting may be {@code value}: it is positive, and at most 365 days. */
    public static boolean isAllowed(Duration value) {
        return !value.isNegative() && !value.isZero() && value.compareTo(LONGEST) <= 0;
    }

    /**
     * Refuses what a setting may not be.
     *
     * @param what the setting, for the message
     * @throws IllegalArgumentException if {@code value} is not positive, or longer than 365 days
     */
    public static void check(String what, Duration value) {
        if (requireNonNull(value, what).isNegative() || value.isZero()) {
            throw new IllegalArgumentException("The " + what + " must be positive, but it is " + value + ".");
        }
        if (!isAllowed(value)) {
            throw new IllegalArgumentException(
                    "The " + what + " must not be longer than 365 days, but it is " + value + ".");
        }
    }

    /** The shorter of the two. */
    public static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The longer of the two. */
    public static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
