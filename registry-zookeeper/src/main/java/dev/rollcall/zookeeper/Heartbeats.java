package dev.rollcall.zookeeper;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.LeaseTerm;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a session that leases share can be trusted: for its ttl from the moment at which the last confirmed heartbeat was sent. Heartbeats are barriers,
 * since a follower without connection to its leader goes on answering pings while the leader lets the session expire. See {@link LeaseTime} for why the
 * session's timeout is longer than the ttl.
 */
final class Heartbeats {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

    /** Who lives by them. Called without a lock. */
    interface Holder {
        /** A heartbeat is about to be sent; gives those whom its confirmation will grant a lease. */
        List<PendingCall<Lease>> asking();

        /** It was confirmed, or not, and may have to be sent again; asks for another if more have come. */
        void answered(List<PendingCall<Lease>> asked, boolean confirmed);

        /** The session can be trusted no more, for this reason. */
        void lost(String reason);
    }

    /*
     * Concurrency: lock guards every field below it; the session's, the timer's and the store's locks may be taken with it held, the holder's are not.
     */
    private final ZooKeeperContext store;
    private final Session session;
    private final Holder holder;
    private final ReentrantLock lock = new ReentrantLock();
    private Duration ttl = Duration.ZERO;
    /** For how long the session is trusted; null before a heartbeat has been confirmed. */
    private @Nullable LeaseTerm term;
    /** Whether the store had gone back in time already when the first was confirmed, though nobody had noticed yet. */
    private boolean begunAfterRewind;

    private boolean beating;
    private boolean stopped;
    private @Nullable Subscription timer;

    Heartbeats(ZooKeeperContext store, Session session, Holder holder) {
        this.store = store;
        this.session = session;
        this.holder = holder;
    }

    /** The ttl that the server grants; zero before the first. */
    Duration ttl() {
        return locked(() -> ttl);
    }

    boolean isBegun() {
        return locked(() -> term != null);
    }

    boolean isTrusted() {
        return locked(this::trusted);
    }

    /** Called with the lock held. */
    private boolean trusted() {
        return term != null && !stopped && term.isHeld();
    }

    /** There is a connection. */
    void connected() {
        boolean renewed;
        lock.lock();
        try {
            renewed = term != null;
            if (term != null && !stopped) {
                regrant(term);
            }
        } finally {
            lock.unlock();
        }
        if (renewed) {
            tick();
        } else {
            beat();
        }
    }

    /**
     * Called with the lock held, when a new connection has begun, which may be to a server with other limits: it grants a timeout of its own,
     * and that counts from then on, whatever was confirmed before.
     */
    private void regrant(LeaseTerm granted) {
        Duration now = LeaseTime.ttl(session.timeoutMillis());
        if (!now.equals(ttl)) {
            LOG.info(
                    "{}: the leases of the session 0x{} have a ttl of {} now instead of {}.",
                    store.name(),
                    Long.toHexString(session.id()),
                    now,
                    ttl);
            ttl = now;
        }
        granted.limit(session.connectingSince(), now);
        if (timer != null) {
            timer.close();
        }
    }

    /** Sends one, unless one is under way. */
    void beat() {
        // Before it is sent: what others are told meanwhile may be later than its answer.
        long seen = store.memory().seen();
        long sentAt;
        lock.lock();
        try {
            if (beating || stopped) {
                return;
            }
            beating = true;
            sentAt = store.threads().time().nanoTime();
        } finally {
            lock.unlock();
        }
        List<PendingCall<Lease>> asked = holder.asking();
        session.barrier(reply -> beaten(reply, sentAt, seen, asked));
    }

    private void beaten(Reply reply, long sentAt, long seen, List<PendingCall<Lease>> asked) {
        boolean first = false;
        boolean confirmed = false;
        String lost = null;
        lock.lock();
        try {
            beating = false;
            if (reply.answered() && reply.code() == Code.SESSIONEXPIRED) {
                lost = "the server has let it expire";
            } else if (reply.isOk() && !stopped) {
                first = term == null;
                if (term == null) {
                    ttl = LeaseTime.ttl(session.timeoutMillis());
                    term = LeaseTerm.of(store.threads().time(), sentAt, ttl);
                    begunAfterRewind = reply.zxid() < seen;
                } else {
                    term.extend(sentAt, ttl);
                }
                confirmed = trusted();
                lost = confirmed ? null : "a heartbeat was confirmed too late";
            }
        } finally {
            lock.unlock();
        }
        if (lost != null) {
            holder.lost(lost);
        }
        holder.answered(asked, confirmed);
        if (first && confirmed) {
            tick();
        }
    }

    /** Sends the next in time, and gives the session up when it can be trusted no more. */
    private void tick() {
        boolean trusted;
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            trusted = term != null && term.isHeld();
            if (term != null && trusted) {
                Duration next = Durations.min(term.left(), ttl.dividedBy(LeaseTime.BEATS));
                timer = store.threads().time().schedule(next, this::tick);
            }
        } finally {
            lock.unlock();
        }
        if (trusted) {
            beat();
        } else {
            holder.lost("no heartbeat was confirmed within its ttl");
        }
    }

    /** The store has gone back in time; returns whether what the session has is of the one before. */
    boolean rewound() {
        lock.lock();
        try {
            boolean before = term != null && !stopped && !begunAfterRewind;
            begunAfterRewind = false;
            return before;
        } finally {
            lock.unlock();
        }
    }

    /** Sends no more; the session is trusted no more. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            if (timer != null) {
                timer.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }
}
