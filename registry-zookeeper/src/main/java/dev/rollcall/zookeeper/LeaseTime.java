package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.Durations;
import java.time.Duration;

/**
 * The relation between the ttl of a lease and the timeout of its session.
 *
 * <p>A confirmed heartbeat proves that the session was alive at the leader after it was sent. It does not restart the leader's timer: that
 * is done when the follower next tells the leader who has been heard from, at most half a tick later, and what it told last may be one
 * heartbeat old. A session is never shorter than two ticks, so half a tick is a quarter of its timeout S at most. With T/6 between
 * heartbeats, S = 8/5 T leaves T + T/6 + S/4 = 1.57 T for what can be late, and the rest for clocks that differ. So the holder gives up
 * before the leader does, and yet an outage shorter than the ttl never costs it the lease.
 */
final class LeaseTime {
    /** Heartbeats in a ttl. */
    static final int BEATS = 6;

    /** The shortest and longest that a server could be configured to grant within reason; it narrows them. */
    static final Duration SHORTEST = Duration.ofSeconds(1);

    static final Duration LONGEST = Duration.ofHours(1);

    private static final int SESSION = 8;
    private static final int TTL = 5;

    /** The steps of a decade, the first of which is a second: about ten, so that all leases of a handle need few sessions. */
    private static final int[] STEPS_MILLIS = {1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 8_000};

    private LeaseTime() {}

    /** The ttl that is asked for instead of this one, so that leases can share sessions: the next step, which is at most a third longer. */
    static Duration step(Duration ttl) {
        long millis = ttl.plusNanos(999_999).toMillis();
        for (long scale = 1; ; scale *= 10) {
            for (int step : STEPS_MILLIS) {
                Duration next = Duration.ofMillis(step * scale);
                if (next.toMillis() >= millis || next.compareTo(LONGEST) >= 0) {
                    return Durations.min(next, LONGEST);
                }
            }
        }
    }

    static int sessionMillis(Duration ttl) {
        return (int) ((ttl.toMillis() * SESSION + TTL - 1) / TTL);
    }

    static Duration ttl(int sessionMillis) {
        return Duration.ofMillis((long) sessionMillis * TTL / SESSION);
    }
}
