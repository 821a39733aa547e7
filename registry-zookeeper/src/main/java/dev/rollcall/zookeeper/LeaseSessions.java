package dev.rollcall.zookeeper;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** The sessions of a handle's leases: one for each step of ttl, and another where one has enough. */
final class LeaseSessions {
    /* Concurrency: lock guards every field below it; sessions are called without it. */
    private final ZooKeeperContext store;
    private final ReentrantLock lock = new ReentrantLock();
    /** The oldest first, so that the youngest become empty and end. */
    private final Set<LeaseSession> sessions = new LinkedHashSet<>();

    private boolean closed;

    LeaseSessions(ZooKeeperContext store) {
        this.store = store;
    }

    /** Grants a lease for the step that has this ttl. */
    void grant(Duration ttl, PendingCall<Lease> call) {
        Duration step = LeaseTime.step(ttl);
        for (LeaseSession session : all()) {
            if (session.step().equals(step) && session.grant(call)) {
                return;
            }
        }
        LeaseSession session = new LeaseSession(store, step, this);
        if (add(session)) {
            session.grant(call);
            session.open();
        }
    }

    /** Returns false if the handle is closed, and then nobody waits for a lease. */
    private boolean add(LeaseSession session) {
        lock.lock();
        try {
            return !closed && sessions.add(session);
        } finally {
            lock.unlock();
        }
    }

    /** Grants those leases that a session cannot grant any more. */
    void grantElsewhere(Duration step, Collection<PendingCall<Lease>> waiting) {
        waiting.stream().filter(Predicate.not(PendingCall::isDone)).forEach(call -> grant(step, call));
    }

    /** A session is over. */
    void over(LeaseSession session) {
        lock.lock();
        try {
            sessions.remove(session);
        } finally {
            lock.unlock();
        }
    }

    private List<LeaseSession> all() {
        lock.lock();
        try {
            return new ArrayList<>(sessions);
        } finally {
            lock.unlock();
        }
    }

    /** The nodes at these paths were deleted in the transaction {@code zxid}. */
    void deleted(List<String> paths, long zxid) {
        if (!paths.isEmpty()) {
            all().forEach(session -> session.deleted(paths, zxid));
        }
    }

    /** The store has gone back in time. */
    void rewound(String reason) {
        all().forEach(session -> session.rewound(reason));
    }

    /** Grants no more; returns the sessions, for the handle to end. */
    List<LeaseSession> close() {
        lock.lock();
        try {
            closed = true;
            return new ArrayList<>(sessions);
        } finally {
            lock.unlock();
        }
    }
}
