package dev.rollcall.etcd;

import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.LeaseTerm;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A lease as its holder sees it: held until a moment on the holder's own clock, which each renewal moves on. */
final class EtcdLease implements Lease {
    private final Leases owner;
    private final long id;
    private final Duration ttl;
    private final LeaseTerm term;
    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();

    EtcdLease(Leases owner, long id, Duration ttl, TimeSource time, long askedAt) {
        this.owner = owner;
        this.id = id;
        this.ttl = ttl;
        this.term = LeaseTerm.of(time, askedAt, LeaseTerm.lessMargin(ttl));
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
        term.extend(askedAt, LeaseTerm.lessMargin(granted));
    }

    /** How long the lease is still held if nothing renews it. */
    Duration left() {
        return term.left();
    }

    /** From now on the lease is not held. */
    void drop() {
        term.end();
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
        return term.isHeld();
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
