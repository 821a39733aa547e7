package dev.rollcall.etcd;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** A lease as its holder sees it: held until a moment on the holder's own clock, which each renewal moves on. */
final class EtcdLease implements Lease {
    /*
     * Concurrency: deadline decides everything, by compare-and-set. A renewal replaces it by a later one; the end, or a
     * look at the clock after it, replaces it by ENDED, which nothing replaces. So once anybody has been told that the
     * lease is not held, no renewal that arrives late can bring it back.
     */
    private static final long ENDED = -1;

    private final Leases owner;
    private final long id;
    private final Duration ttl;
    private final long origin;
    /** Until when the lease is held, in nanoseconds since its origin, or ENDED. */
    private final AtomicLong deadline;

    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();

    EtcdLease(Leases owner, long id, Duration ttl, long askedAt) {
        this.owner = owner;
        this.id = id;
        this.ttl = ttl;
        this.origin = askedAt;
        this.deadline = new AtomicLong(term(ttl));
    }

    /** etcd counts from when it hears of a renewal, we from when it was sent, and leave a tenth for clocks that run apart. */
    private static long term(Duration ttl) {
        long whole = ttl.toNanos();
        return whole - whole / 10;
    }

    /** The id in etcd. */
    long number() {
        return id;
    }

    /** Whether this lease was granted by the handle that {@code leases} belongs to. */
    boolean isOf(Leases leases) {
        return owner == leases;
    }

    /** The store has renewed the lease for {@code granted}, upon a request sent at {@code askedAt}; has no effect if that came too late. */
    void renewed(Duration granted, long askedAt) {
        long later = askedAt - origin + term(granted);
        while (isHeld()) {
            long now = deadline.get();
            if (now != ENDED && (later <= now || deadline.compareAndSet(now, later))) {
                return;
            }
        }
    }

    /** How long the lease is still held if nothing renews it. */
    long nanosLeft() {
        long now = deadline.get();
        return now == ENDED ? 0 : now - age();
    }

    private long age() {
        return System.nanoTime() - origin;
    }

    /** From now on the lease is not held. */
    void drop() {
        deadline.set(ENDED);
    }

    /** Tells those who wait that the lease has ended; has no effect the second time. Called on a callback thread. */
    void tell(LeaseEnd why) {
        ended.complete(why);
    }

    @Override
    public String id() {
        return Long.toHexString(id);
    }

    @Override
    public Duration ttl() {
        return ttl;
    }

    @Override
    public boolean isHeld() {
        long now = deadline.get();
        while (now != ENDED && now <= age()) {
            if (deadline.compareAndSet(now, ENDED)) {
                return false;
            }
            now = deadline.get();
        }
        return now != ENDED;
    }

    @Override
    public CompletionStage<LeaseEnd> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public CompletableFuture<Void> revoke() {
        return owner.revoke(this);
    }

    @Override
    public void close() {
        owner.revoke(this);
    }

    @Override
    public String toString() {
        return "lease " + id();
    }
}
