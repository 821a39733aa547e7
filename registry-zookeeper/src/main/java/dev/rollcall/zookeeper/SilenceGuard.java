package dev.rollcall.zookeeper;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up a connection whose server has fallen silent, long before ZooKeeper's client does, which waits for two thirds of the session's timeout:
 * a request that is not answered within a {@linkplain Patience patience} closes the socket, and the client tries the next member.
 *
 * <p>A server that is merely slow must not be left again and again. So the patience grows with the slowest recent reply, and doubles with each silent
 * member that was left within the last minute.
 */
final class SilenceGuard {
    /** How long to wait for an answer. */
    interface Patience {
        /**
         * The time, or null to wait for as long as ZooKeeper's client does.
         *
         * @param session the timeout that the server has granted
         * @param members how many addresses there are to try
         * @param slowest how long the slowest answer of late took
         * @param doublings how many silent members were left of late, as far as that counts
         */
        @Nullable
        Duration of(Duration session, int members, Duration slowest, int doublings);
    }

    private static final Logger LOG = LoggerFactory.getLogger(SilenceGuard.class);

    private static final Duration SHORTEST = Duration.ofMillis(700);
    /** Without another member there is little to gain, so a pause of the only one is waited for. */
    private static final Duration SHORTEST_ALONE = Duration.ofSeconds(3);

    private static final Duration SHORTEST_FOR_LEASES = Duration.ofSeconds(1);
    /** Below this ttl, a new connection may take longer than what is left of it. */
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(4);
    /** What a lease keeps for another connection, however patient its guard is: the client waits for up to a second before it connects. */
    private static final Duration FOR_ANOTHER_CONNECTION = Duration.ofMillis(1_500);
    /** How many times slower than the slowest answer of late one may be. */
    private static final int SLACK = 4;
    /** After as long as this without silence, those before do not count any more. */
    private static final Duration MEMORY = Duration.ofMinutes(1);

    private static final int MOST_DOUBLINGS = 8;

    /* Concurrency: lock guards every field below it; the client is called without it. */
    private final TimeSource time;
    private final Patience patience;
    private final String name;
    private final Supplier<@Nullable Transport> connected;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Subscription timer;
    private long dueAt;
    private int doublings;
    private long lastSilence;

    /**
     * A guard for one session.
     *
     * @param connected the client while it is connected, else null
     */
    SilenceGuard(TimeSource time, Patience patience, String name, Supplier<@Nullable Transport> connected) {
        this.time = time;
        this.patience = patience;
        this.name = name;
        this.connected = connected;
    }

    /** What the operations of a handle bear: they go on within two seconds where there is another member. */
    static @Nullable Duration forOperations(Duration session, int members, Duration slowest, int doublings) {
        Duration most = session.dividedBy(3);
        return members > 1
                ? Durations.min(most, doubled(Durations.max(SHORTEST, slowest.multipliedBy(SLACK)), doublings))
                : Durations.max(most, SHORTEST_ALONE);
    }

    /**
     * What a lease bears: with a third of its ttl gone, there is time for another connection and a heartbeat on it. Where servers turn out to be slow it is
     * longer, since a lease whose heartbeats are never waited for is lost as well, but not so long that there is no such time.
     */
    static @Nullable Duration forLeases(Duration session, int members, Duration slowest, int doublings) {
        Duration ttl = LeaseTime.ttl((int) session.toMillis());
        if (ttl.compareTo(SHORTEST_TTL) < 0) {
            return null;
        }
        Duration third = ttl.dividedBy(3);
        Duration once = members > 1
                ? Durations.min(third, Durations.max(SHORTEST_FOR_LEASES, slowest.multipliedBy(SLACK)))
                : third;
        // The silence begins with a heartbeat, up to one interval after the last that was confirmed.
        Duration left = ttl.minus(ttl.dividedBy(LeaseTime.BEATS)).minus(FOR_ANOTHER_CONNECTION);
        Duration most = Durations.max(third, Durations.min(session.dividedBy(3), left));
        return Durations.min(most, doubled(once, doublings));
    }

    private static Duration doubled(Duration once, int doublings) {
        return once.multipliedBy(1L << doublings);
    }

    /** A request has been handed to the client. */
    void sent(Transport transport) {
        lock.lock();
        try {
            if (timer == null) {
                Duration wait = patience(transport);
                if (wait != null) {
                    set(wait);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** No more connections are watched over. */
    void close() {
        lock.lock();
        try {
            if (timer != null) {
                timer.close();
            }
            // Not null again, so that nothing sets another.
            timer = () -> {};
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Duration patience(Transport transport) {
        Duration session = Duration.ofMillis(transport.grantedTimeoutMillis());
        return patience.of(session, transport.members(), transport.slowestAnswer(), doublings);
    }

    private void set(Duration wait) {
        dueAt = time.nanoTime() + wait.toNanos();
        timer = time.schedule(wait, this::check);
    }

    private void check() {
        Transport transport = connected.get();
        Duration silence = Duration.ZERO;
        lock.lock();
        try {
            timer = null;
            if (transport == null) {
                return;
            }
            Duration wait = patience(transport);
            silence = transport.silence();
            if (wait == null || silence.isZero()) {
                return;
            }
            long late = time.nanoTime() - dueAt;
            if (late > wait.toNanos() / 2) {
                // This process has been asleep, and what has come meanwhile has not been read yet.
                set(wait);
                return;
            }
            if (silence.compareTo(wait) < 0) {
                set(wait.minus(silence));
                return;
            }
            long now = time.nanoTime();
            doublings = now - lastSilence < MEMORY.toNanos() ? Math.min(MOST_DOUBLINGS, doublings + 1) : 1;
            lastSilence = now;
        } finally {
            lock.unlock();
        }
        LOG.info(
                "The session 0x{} on {} leaves {}, which has not answered for {} ms.",
                Long.toHexString(transport.sessionId()),
                name,
                transport.member(),
                silence.toMillis());
        transport.reconnect();
    }
}
