package dev.rollcall.coordination;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Durations;
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
 * @param owner what the entries of a lock call their owner, for people and tools; the candidates of an election have ids of their own
 * @param time where time comes from, for tests; null for the clocks of this machine
 */
public record CoordinationOptions(
        Duration ttl,
        Duration firstPause,
        Duration longestPause,
        Duration closeTimeout,
        String owner,
        @Nullable TimeSource time) {
    /** The longest owner, and candidate's id, in bytes of UTF-8: it is for people to read, and escaped six times as long at most. */
    static final int MAX_OWNER_BYTES = 64 * 1024;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if a duration is not positive or longer than 365 days, the first pause is longer than the longest, or the
     *     owner is refused as a {@linkplain LeaderElection#join candidate's id} is
     */
    public CoordinationOptions {
        Durations.check("ttl", ttl);
        Durations.check("first pause", firstPause);
        Durations.check("longest pause", longestPause);
        Durations.check("close timeout", closeTimeout);
        checkOwner("lock's owner", owner);
        if (firstPause.compareTo(longestPause) > 0) {
            throw new IllegalArgumentException("The first pause must not be longer than the longest, but they are "
                    + firstPause + " and " + longestPause + ".");
        }
    }

    /** Refuses what an entry of a queue cannot say as it was said. */
    static void checkOwner(String what, String owner) {
        if (requireNonNull(owner, what).isEmpty()) {
            throw new IllegalArgumentException("A " + what + " must not be empty.");
        }
        int at = loneSurrogate(owner);
        if (at >= 0) {
            throw new IllegalArgumentException("A " + what
                    + " must be text that UTF-8 can carry, but this one has half a surrogate pair at index " + at
                    + ".");
        }
        int bytes = owner.getBytes(UTF_8).length;
        if (bytes > MAX_OWNER_BYTES) {
            throw new IllegalArgumentException("A " + what + " must be at most " + MAX_OWNER_BYTES
                    + " bytes long in UTF-8, but this one has " + bytes
                    + "; put what is larger into an entry of its own.");
        }
    }

    private static int loneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }

    /** A ttl of 10 seconds, pauses from 100 ms to 5 seconds, 5 seconds to close, and this process's number for an owner. */
    public static CoordinationOptions defaults() {
        return new CoordinationOptions(
                Duration.ofSeconds(10),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                "pid " + ProcessHandle.current().pid(),
                null);
    }

    /** These options with another ttl. */
    public CoordinationOptions withTtl(Duration newTtl) {
        return new CoordinationOptions(newTtl, firstPause, longestPause, closeTimeout, owner, time);
    }

    /** These options with other pauses. */
    public CoordinationOptions withPauses(Duration first, Duration longest) {
        return new CoordinationOptions(ttl, first, longest, closeTimeout, owner, time);
    }

    /** These options with another time to close. */
    public CoordinationOptions withCloseTimeout(Duration newTimeout) {
        return new CoordinationOptions(ttl, firstPause, longestPause, newTimeout, owner, time);
    }

    /** These options with another name for the owner of a lock. */
    public CoordinationOptions withOwner(String newOwner) {
        return new CoordinationOptions(ttl, firstPause, longestPause, closeTimeout, newOwner, time);
    }

    /** These options on another clock. */
    public CoordinationOptions withTime(TimeSource newTime) {
        return new CoordinationOptions(
                ttl, firstPause, longestPause, closeTimeout, owner, requireNonNull(newTime, "time"));
    }
}
