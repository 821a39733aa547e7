package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a backend takes. The sizes are part of the contract and the same everywhere, so that data which fits one store fits all;
 * lease durations depend on the server.
 *
 * @param shortestTtl the shortest lease that is granted; a shorter request is raised to it
 * @param longestTtl the longest lease that is granted; a longer request is lowered to it
 */
public record Limits(Duration shortestTtl, Duration longestTtl) {
    /** The longest key, in bytes of UTF-8. */
    public static final int MAX_KEY_BYTES = 512;

    /** The largest value, in bytes. */
    public static final int MAX_VALUE_BYTES = 512 * 1024;

    /** The most writes, and the most conditions, of one transaction. */
    public static final int MAX_TXN_WRITES = 64;

    /**
     * The largest transaction: bytes of the keys and values written. ZooKeeper's default {@code jute.maxbuffer} is one byte short of
     * 1 MiB for a whole request; the rest is left for paths, access lists and guards around the data (decision 0003).
     */
    public static final int MAX_TXN_BYTES = 896 * 1024;

    /**
     * How many entries a lease takes on every store, however long their keys are, if its handle has no other. They all go at once when it ends, which
     * not every store can do with any number: a put beyond may be refused, {@linkplain Outcome#NOT_APPLIED without effect}.
     */
    public static final int MIN_LEASE_ENTRIES = 512;

    public Limits {
        requireNonNull(shortestTtl, "shortestTtl");
        requireNonNull(longestTtl, "longestTtl");
        if (shortestTtl.isNegative() || shortestTtl.isZero() || shortestTtl.compareTo(longestTtl) > 0) {
            throw new IllegalArgumentException("Lease limits must be positive and in order, but they are " + shortestTtl
                    + " and " + longestTtl + ".");
        }
    }

    /**
     * The ttl closest to {@code requested} within these limits.
     *
     * @throws IllegalArgumentException if {@code requested} is zero or negative
     */
    public Duration clamp(Duration requested) {
        if (requested.isNegative() || requested.isZero()) {
            throw new IllegalArgumentException("The ttl of a lease must be positive, but it is " + requested + ".");
        }
        if (requested.compareTo(shortestTtl) < 0) {
            return shortestTtl;
        }
        return requested.compareTo(longestTtl) > 0 ? longestTtl : requested;
    }
}
