package dev.rollcall.inmemory;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.LeaseTerm;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A lease as its holder knows it. While the store hears from the handle the lease stays. From the moment it falls silent the holder counts
 * the ttl less a margin, then gives the lease up; the store ends it a margin later.
 */
final class HeldLease implements Lease {
    /*
     * Concurrency: end decides, by compare-and-set, why the lease has ended; it is always set before the store lets the
     * entries go. countdown is guarded by the connection's lock; term is limited and extended with it held, and read without it.
     */
    private static final Duration LARGEST_MARGIN = Duration.ofSeconds(1);
    /** How long a lease is held whose holder the store hears. */
    private static final Duration ALWAYS = Duration.ofDays(36_500);

    private final InMemoryBackend backend;
    private final StoredLease stored;
    private final Duration ttl;
    private final HandleThreads threads;
    private final AtomicReference<@Nullable LeaseEnd> end = new AtomicReference<>();
    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
    /** Completes when the store has confirmed a revocation, or there is nothing left to revoke. */
    private final CompletableFuture<Void> revoked = new CompletableFuture<>();

    private final LeaseTerm term;
    private @Nullable Subscription countdown;

    HeldLease(InMemoryBackend backend, StoredLease stored, Duration ttl, HandleThreads threads) {
        this.backend = backend;
        this.stored = stored;
        this.ttl = ttl;
        this.threads = threads;
        this.term = LeaseTerm.of(threads.time(), threads.time().nanoTime(), ALWAYS);
    }

    InMemoryBackend backend() {
        return backend;
    }

    StoredLease stored() {
        return stored;
    }

    @Override
    public String id() {
        return stored.id;
    }

    @Override
    public Duration ttl() {
        return ttl;
    }

    @Override
    public boolean isHeld() {
        return end.get() == null && term.isHeld();
    }

    @Override
    public CompletionStage<LeaseEnd> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public CompletableFuture<Void> revoke() {
        if (!term.isHeld()) {
            lose();
        }
        if (end.compareAndSet(null, LeaseEnd.REVOKED)) {
            CompletableFuture<Void> confirmation = backend.revoke(this);
            confirmation.whenComplete((nothing, failure) -> {
                if (failure == null) {
                    revoked.complete(null);
                } else {
                    // Nobody renews it any more, so the store will let it go by itself.
                    threads.time().schedule(ttl, this::endAtStore);
                    revoked.completeExceptionally(failure);
                }
                tellEnd();
            });
        }
        return end.get() == LeaseEnd.LOST
                ? CompletableFuture.completedFuture(null)
                : Futures.map(revoked, nothing -> nothing);
    }

    @Override
    public void close() {
        revoke();
    }

    /** The store hears nothing from the handle from now on. */
    void fallSilent() {
        Duration margin = margin();
        Duration rest = ttl.minus(margin);
        term.limit(threads.time().nanoTime(), rest);
        countdown = threads.time().schedule(rest, this::lapse);
    }

    /** On the timer, when the term should be over: the holder knows now, the store a margin later. */
    private void lapse() {
        if (!term.isHeld()) {
            lose();
            threads.time().schedule(margin(), this::endAtStore);
        } else if (term.left().compareTo(ttl) <= 0) {
            // A timer may be early by a little; a renewal that came at the last moment gives far more than a ttl.
            threads.time().schedule(term.left(), this::lapse);
        }
    }

    /** The store hears from the handle again: in time, or it is told that the lease is over. */
    void renew() {
        if (countdown != null) {
            countdown.close();
            countdown = null;
        }
        if (!term.extend(threads.time().nanoTime(), ALWAYS)) {
            lose();
        }
        if (end.get() != null) {
            endAtStore();
        }
    }

    /** The store ends the lease by itself; the holder learns it first. */
    void expire() {
        lose();
        endAtStore();
    }

    /** The handle is closed. If the store cannot be told, it finds out by the ttl, as the countdown goes on. */
    void abandon(boolean reachable) {
        if (end.compareAndSet(null, LeaseEnd.REVOKED)) {
            tellEnd();
        }
        if (reachable) {
            endAtStore();
        }
    }

    /** What is kept between the holder's loss and the store's: a tenth of the ttl, but no more than a second. */
    private Duration margin() {
        return Durations.min(ttl.dividedBy(10), LARGEST_MARGIN);
    }

    private void lose() {
        if (end.compareAndSet(null, LeaseEnd.LOST)) {
            tellEnd();
        }
    }

    private void endAtStore() {
        backend.forget(this);
    }

    private void tellEnd() {
        LeaseEnd reason = end.get();
        if (reason != null) {
            threads.callbacks().execute(() -> {
                revoked.complete(null);
                ended.complete(reason);
            });
        }
    }

    @Override
    public String toString() {
        return "Lease[" + id() + " of " + backend.name() + ", ttl " + ttl + "]";
    }
}
