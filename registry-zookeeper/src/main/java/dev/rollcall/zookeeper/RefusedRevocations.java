package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Leases of one session that were revoked and whose entries could not be deleted. They are tried again: the obstacle may pass, and who waits for an entry to go may
 * be another lease of the same session, which would keep it for ever. So if it has not passed within a ttl, the session gives way.
 */
final class RefusedRevocations {
    /** Whose leases they are. Called without a lock. */
    interface Home {
        /** Tries again to delete the entries, unless they are gone. */
        void revokeAgain(ZooKeeperLease lease);

        /** The entries have to go with the session now, unless they are gone. */
        void giveWay(ZooKeeperLease lease);
    }

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /* Concurrency: lock guards the field below it; the home and the timer are called without it. */
    private final TimeSource time;
    private final Home home;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ZooKeeperLease, Refusal> refusals = new HashMap<>();

    RefusedRevocations(TimeSource time, Home home) {
        this.time = time;
        this.home = home;
    }

    private static final class Refusal {
        final long since;
        final Backoff pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());

        Refusal(long since) {
            this.since = since;
        }
    }

    /**
     * The entries of a lease could not be deleted.
     *
     * @param mayPass whether it is worth while to try again
     * @param ttl how long the session may keep them
     */
    void refused(ZooKeeperLease lease, boolean mayPass, Duration ttl) {
        long now = time.nanoTime();
        Duration left;
        Duration pause;
        lock.lock();
        try {
            Refusal refusal = refusals.computeIfAbsent(lease, any -> new Refusal(now));
            left = ttl.minusNanos(now - refusal.since);
            pause = refusal.pauses.next().plus(SHORTEST_PAUSE);
        } finally {
            lock.unlock();
        }
        if (left.isNegative() || left.isZero()) {
            home.giveWay(lease);
        } else if (mayPass) {
            time.schedule(Durations.min(pause, left), () -> home.revokeAgain(lease));
        } else {
            time.schedule(left, () -> home.giveWay(lease));
        }
    }

    /** The entries of a lease are gone. */
    void gone(ZooKeeperLease lease) {
        lock.lock();
        try {
            refusals.remove(lease);
        } finally {
            lock.unlock();
        }
    }
}
