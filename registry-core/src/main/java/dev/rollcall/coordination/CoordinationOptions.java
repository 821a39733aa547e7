package dev.rollcall.coordination;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Printable;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link DistributedLock} or a {@link LeaderElection}; immutable. Each {@code with} method makes other ones, and refuses what cannot be. */
public final class CoordinationOptions {
    /** The longest owner, and candidate's id, in bytes of UTF-8: it is for people to read, and escaped six times as long at most. */
    static final int MAX_OWNER_BYTES = 64 * 1024;

    private final Duration ttl;
    private final Duration firstPause;
    private final Duration longestPause;
    private final Duration closeTimeout;
    private final String owner;
    private final @Nullable TimeSource time;

    private CoordinationOptions(
            Duration ttl,
            Duration firstPause,
            Duration longestPause,
            Duration closeTimeout,
            String owner,
            @Nullable TimeSource time) {
        this.ttl = ttl;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
        this.closeTimeout = closeTimeout;
        this.owner = owner;
        this.time = time;
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

    /**
     * These options with another ttl: how long a place in the queue survives an owner that has fallen silent; brought within the backend's limits. A
     * pause of the process that is longer costs the place, and with it the lock or the office.
     *
     * @throws IllegalArgumentException if it is not positive or longer than 365 days
     */
    public CoordinationOptions withTtl(Duration newTtl) {
        return new CoordinationOptions(newTtl, firstPause, longestPause, closeTimeout, owner, time);
    }

    /**
     * These options with other pauses.
     *
     * @param first the longest pause before a failed step is tried again; doubles with each failure. The actual pause is random between zero and
     *     this, so that those who were cut off together do not come back together
     * @param longest where the doubling ends
     * @throws IllegalArgumentException if one is not positive or longer than 365 days, or the first is longer than the longest
     */
    public CoordinationOptions withPauses(Duration first, Duration longest) {
        return new CoordinationOptions(ttl, first, longest, closeTimeout, owner, time);
    }

    /**
     * These options with another time that closing waits for the store to confirm it.
     *
     * @throws IllegalArgumentException if it is not positive or longer than 365 days
     */
    public CoordinationOptions withCloseTimeout(Duration newTimeout) {
        return new CoordinationOptions(ttl, firstPause, longestPause, newTimeout, owner, time);
    }

    /**
     * These options with another name for the owner of a lock, for people and tools; the candidates of an election have ids of their own.
     *
     * @throws IllegalArgumentException if it is refused as a {@linkplain LeaderElection#join candidate's id} is
     */
    public CoordinationOptions withOwner(String newOwner) {
        return new CoordinationOptions(ttl, firstPause, longestPause, closeTimeout, newOwner, time);
    }

    /** These options on another clock than this machine's, for tests. */
    public CoordinationOptions withTime(TimeSource newTime) {
        return new CoordinationOptions(
                ttl, firstPause, longestPause, closeTimeout, owner, requireNonNull(newTime, "time"));
    }

    Duration ttl() {
        return ttl;
    }

    Duration firstPause() {
        return firstPause;
    }

    Duration longestPause() {
        return longestPause;
    }

    Duration closeTimeout() {
        return closeTimeout;
    }

    String owner() {
        return owner;
    }

    /** Null for the clocks of this machine. */
    @Nullable
    TimeSource time() {
        return time;
    }

    /** The ttl and the owner. */
    @Override
    public String toString() {
        return "CoordinationOptions[ttl " + ttl + ", owner " + Printable.text(owner) + "]";
    }
}
