package dev.rollcall.coordination;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a {@link DistributedLock}: from its acquisition until it is released or lost. Safe for use by several threads; no method blocks.
 *
 * <p>It belongs to the code that has the object, not to a thread.
 */
/*
 * Concurrency: end decides, by compare-and-set, why it has ended. The rest is final. The place is left on the queue's own executor; futures complete on
 * callbacks.
 */
public final class LockHold implements AutoCloseable {
    private final TicketQueue queue;
    private final Ticket ticket;
    private final Lease lease;
    private final FencingToken token;
    private final AtomicReference<@Nullable HoldEnd> end = new AtomicReference<>();
    private final CompletableFuture<HoldEnd> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    LockHold(TicketQueue queue, Ticket ticket) {
        this.queue = queue;
        this.ticket = ticket;
        this.lease = ticket.lease();
        this.token = ticket.token();
    }

    /** The token of this turn; greater than that of every turn before. */
    public FencingToken token() {
        return token;
    }

    /**
     * Whether this turn still lasts, by the holder's own clock: turns false no later than another can have the lock, unless someone removes the
     * entry by hand. A pause may follow any answer, so what must not happen twice is written through {@link #commit}.
     */
    public boolean isHeld() {
        return end.get() == null && lease.isHeld();
    }

    /** Completes once, when this turn ends, with the reason; on a callback thread. Never completes exceptionally. */
    public CompletionStage<HoldEnd> ended() {
        return ended.minimalCompletionStage();
    }

    /**
     * Applies a transaction, but only while this turn lasts.
     *
     * @return as {@link dev.rollcall.kv.KvBackend#commit}; after the turn has ended, fails with the {@link ConditionFailedException} of the
     *     {@linkplain FencingToken#condition() token's condition}
     * @throws IllegalArgumentException as {@link FencingToken#guard}
     */
    public CompletableFuture<Commit> commit(Txn txn) {
        Txn guarded = token.guard(txn);
        if (end.get() != null) {
            // The entry may still be on its way out of the store, but this one has no say any more.
            return CompletableFuture.failedFuture(
                    ConditionFailedException.of(queue.context("guarded commit"), token.condition(), 0));
        }
        return queue.backend().commit(guarded);
    }

    /**
     * Gives the lock free. Has no effect when called again, or after this turn was lost.
     *
     * @return completes when the store has confirmed it, at once if the turn was lost; with a {@link dev.rollcall.kv.KvException} if it cannot
     *     be confirmed, and then the lock is free after the ttl at the latest
     */
    public CompletableFuture<Void> release() {
        if (end.compareAndSet(null, HoldEnd.RELEASED)) {
            queue.execute(this::leave);
            tellEnd(HoldEnd.RELEASED);
        }
        return Futures.map(released, nothing -> nothing);
    }

    /** As {@link #release()}, on the lane: when this returns the queue knows of it, and waits for it when it is closed. */
    void releaseNow() {
        if (end.compareAndSet(null, HoldEnd.RELEASED)) {
            tellEnd(HoldEnd.RELEASED);
        }
        leave();
    }

    private void leave() {
        ticket.leave().whenComplete((nothing, failure) -> {
            if (failure == null) {
                released.complete(null);
            } else {
                released.completeExceptionally(Futures.unwrap(failure));
            }
        });
    }

    /** Begins to {@linkplain #release() release} and does not wait for it. */
    @Override
    public void close() {
        release();
    }

    /** Ends it, unless it has ended. */
    boolean lost() {
        boolean first = end.compareAndSet(null, HoldEnd.LOST);
        if (first) {
            tellEnd(HoldEnd.LOST);
            queue.complete(released, null);
        }
        return first;
    }

    private void tellEnd(HoldEnd why) {
        queue.callbacks().execute(() -> ended.complete(why));
    }

    /** The token, and whether it is held. */
    @Override
    public String toString() {
        return "LockHold[" + queue.directory() + ", turn " + token.revision() + (isHeld() ? ", held]" : ", ended]");
    }
}
