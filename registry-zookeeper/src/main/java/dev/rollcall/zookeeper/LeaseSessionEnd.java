package dev.rollcall.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How the session that leases share ends at the server: at once while there is a connection, else as soon as there is one if that spares the entries of a lease
 * which was revoked the rest of their ttl. When nothing more can be done, it tells whether the server has confirmed it.
 */
final class LeaseSessionEnd {
    /** Whose session it is. Called without a lock. */
    interface Leases {
        /** Whether any of those that are left was revoked, so that somebody waits for its entries to go. */
        boolean isAnyRevoked();

        /** The session is over. {@code confirmed} says whether the server has said so, in the transaction {@code zxid} if it is not 0. */
        void over(boolean confirmed, long zxid);
    }

    /*
     * Concurrency: lock guards every field below it; the session, the timer, leases and whatever waits are called without it.
     */
    private final ZooKeeperContext store;
    private final Session session;
    private final Leases leases;
    private final ReentrantLock lock = new ReentrantLock();
    /** Whether it is to be ended at the server as soon as there is a connection. */
    private boolean awaitingConnection;

    private boolean over;
    private final List<Runnable> onOver = new ArrayList<>();

    LeaseSessionEnd(ZooKeeperContext store, Session session, Leases leases) {
        this.store = store;
        this.session = session;
        this.leases = leases;
    }

    /** Runs {@code told} when it is over, which is now if it is over already. */
    void whenOver(Runnable told) {
        lock.lock();
        try {
            if (!over) {
                onOver.add(told);
                return;
            }
        } finally {
            lock.unlock();
        }
        told.run();
    }

    /** There is a connection. Returns whether that was all that was waited for. */
    boolean connected() {
        boolean awaited;
        lock.lock();
        try {
            awaited = awaitingConnection;
        } finally {
            lock.unlock();
        }
        if (awaited) {
            begin();
        }
        return awaited;
    }

    /** Ends the session at the server. */
    void begin() {
        session.end(reply -> {
            if (reply.answered()) {
                over(true, reply.zxid());
            } else if (reply.sent() || !awaitConnection()) {
                over(false, 0);
            }
        });
    }

    /** Returns false if there is no use in waiting. */
    private boolean awaitConnection() {
        Duration wait;
        boolean first;
        boolean revoked = leases.isAnyRevoked();
        lock.lock();
        try {
            if (over || !revoked) {
                return false;
            }
            first = !awaitingConnection;
            awaitingConnection = true;
            wait = Duration.ofMillis(session.timeoutMillis());
        } finally {
            lock.unlock();
        }
        if (first) {
            // Then the server has ended it by itself, or nobody will.
            store.threads().time().schedule(wait, () -> over(false, 0));
        }
        if (session.isConnected()) {
            begin();
        }
        return true;
    }

    /** Nothing more is done for it: the session has ended, or is let go of. */
    void over(boolean confirmed, long zxid) {
        List<Runnable> told;
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            told = List.copyOf(onOver);
            onOver.clear();
        } finally {
            lock.unlock();
        }
        leases.over(confirmed, zxid);
        told.forEach(Runnable::run);
    }
}
