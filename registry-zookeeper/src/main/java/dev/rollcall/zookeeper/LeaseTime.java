package dev.rollcall.zookeeper;

import java.time.Duration;

/**
 * How the ttl of a lease and the timeout of its session hang together.
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

    private LeaseTime() {}

    static int sessionMillis(Duration ttl) {
        return (int) ((ttl.toMillis() * SESSION + TTL - 1) / TTL);
    }

    static Duration ttl(int sessionMillis) {
        return Duration.ofMillis((long) sessionMillis * TTL / SESSION);
    }
}
