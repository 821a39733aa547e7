package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The leases of one handle on a store that renews each by a request of its own, from the grant until nothing is left to do about them. Safe for use by several
 * threads; only {@link #close} waits.
 */
public final class RenewedLeases implements AutoCloseable {
    /** Leaves a handle time for the rest of its end, which may take about a second in all (LIFE-2). */
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofMillis(700);

    /* Concurrency: lock guards leases and closed. No lease is called with it held. */
    private final String name;
    private final HandleThreads threads;
    private final PendingCalls calls;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Set<RenewedLease> leases = new LinkedHashSet<>();
    private boolean closed;

    /**
     * None yet.
     *
     * @param name the handle's, for messages
     * @param calls what {@link Lease#revoke()} counts as one of
     */
    public RenewedLeases(String name, HandleThreads threads, PendingCalls calls) {
        this.name = requireNonNull(name, "name");
        this.threads = requireNonNull(threads, "threads");
        this.calls = requireNonNull(calls, "calls");
    }

    /**
     * The store has granted a lease: answers the call with it, and keeps it from now on. If nobody waits for it any more, as the deadline has passed or the
     * handle is closed, the store is asked to end it.
     *
     * @param id the store's name for it, never used for another
     * @param ttl what was granted
     * @param sentAt {@code threads.time().nanoTime()} from before the request left
     */
    public void granted(PendingCall<Lease> call, String id, Duration ttl, long sentAt, RenewedLease.Requests requests) {
        RenewedLease lease = new RenewedLease(this, id, ttl, sentAt, requests);
        boolean kept;
        lock.lock();
        try {
            kept = !closed && leases.add(lease);
        } finally {
            lock.unlock();
        }
        if (kept) {
            lease.begin(sentAt);
        }
        if (!kept || !call.complete(lease)) {
            lease.endAtHoldersWish();
        }
        if (!kept) {
            // Asked for once: there is nobody left to ask again.
            lease.abandon();
        }
    }

    /**
     * A lease that is to be used with this handle.
     *
     * @throws IllegalArgumentException if another handle granted it (LEASE-12)
     */
    public RenewedLease own(Lease lease) {
        if (lease instanceof RenewedLease renewed && renewed.isOf(this)) {
            return renewed;
        }
        throw new IllegalArgumentException("The lease " + lease.id() + " was granted by another handle than " + name
                + "; a lease can only be used by the handle that keeps it alive.");
    }

    /** There is a connection again: renewals and revocations that failed meanwhile are asked for at once. */
    public void reconnected() {
        all().forEach(RenewedLease::reconnected);
    }

    /**
     * The store is not the one that granted these leases, for example since it was restored: all are lost, and what is left of them there is ended.
     *
     * @param reason for the log; a clause without a full stop
     */
    public void loseAll(String reason) {
        all().forEach(lease -> lease.lose(reason));
    }

    /**
     * Revokes every lease, and waits until the store has confirmed it, for at most 700 ms. Then the rest ends as {@code LOST}, by its ttl in the store, and
     * whoever waits for a revocation is told that the handle is closed. To be called before {@link PendingCalls#close} and {@link HandleThreads#close}; has
     * no effect when called again.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        all().forEach(RenewedLease::endAtHoldersWish);
        awaitEnds();
        all().forEach(RenewedLease::abandon);
    }

    private void awaitEnds() {
        boolean interrupted = false;
        long left = PATIENCE_AT_CLOSE.toNanos();
        lock.lock();
        try {
            long until = System.nanoTime() + left;
            while (!leases.isEmpty() && left > 0) {
                try {
                    idle.await(left, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    // A handle ends as orderly for a thread that is interrupted.
                    interrupted = true;
                }
                left = until - System.nanoTime();
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Nothing is left to do about it. */
    void forget(RenewedLease lease) {
        lock.lock();
        try {
            leases.remove(lease);
            if (leases.isEmpty()) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many there are, counting those whose end the store has not confirmed. */
    int size() {
        return all().size();
    }

    private List<RenewedLease> all() {
        lock.lock();
        try {
            return List.copyOf(leases);
        } finally {
            lock.unlock();
        }
    }

    String name() {
        return name;
    }

    TimeSource time() {
        return threads.time();
    }

    Executor callbacks() {
        return threads.callbacks();
    }

    Context revocation() {
        return new Context(name, "revokeLease", null);
    }

    PendingCall<Void> beginRevocation() {
        return calls.begin(revocation(), true);
    }
}
