package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One place in a {@link TicketQueue}: an entry with a unique name under a lease of its own. It is created once, and given up once, by revoking the lease;
 * then a creation which is still on its way leaves no entry behind.
 *
 * <p>If the reply to the creation is lost, the entry is read back. If it is absent, the creation is sent again: it is conditional on the entry's absence,
 * and no other place ever has its name, so that it takes effect once, whichever of the two arrives.
 */
/*
 * Concurrency: everything is confined to the queue's own executor, but lease, which is written there once and read by anyone.
 */
final class Ticket {
    /** Whose place it is. Called on the queue's own executor. */
    interface Owner {
        /** It is in the queue. */
        void queued(Ticket ticket);

        /** It is the first in the queue, under a lease that is held. */
        void first(Ticket ticket);

        /**
         * It is lost. Not called once it was left.
         *
         * @param reason a clause for people
         * @param failure why it is of no use to try again, or null if another place may be taken
         */
        void over(Ticket ticket, String reason, @Nullable Throwable failure);

        /** A step has failed and will be tried again. */
        void delayed(Ticket ticket, Throwable failure);

        /** It is in the queue, behind another, by the store's word. Called once at most, if it was {@linkplain Ticket#tellIfBehind asked for}. */
        default void behind(Ticket ticket) {}
    }

    private enum Stage {
        JOINING,
        QUEUED,
        FIRST,
        OVER
    }

    private final TicketQueue queue;
    private final Key key;
    private final Bytes value;
    private final Owner owner;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private Stage stage = Stage.JOINING;
    private boolean granting;
    private long revision;
    private @Nullable Subscription pause;
    private volatile @Nullable Lease lease;

    Ticket(TicketQueue queue, Key key, Bytes value, Owner owner) {
        this.queue = queue;
        this.key = key;
        this.value = value;
        this.owner = owner;
    }

    Key key() {
        return key;
    }

    /** The token of the turn; only once it is queued. */
    FencingToken token() {
        return new FencingToken(key, revision);
    }

    /** The lease; only once it is queued. */
    Lease lease() {
        return requireNonNull(lease, "lease");
    }

    // --- Taking it

    void grant() {
        granting = true;
        queue.start(() -> queue.backend().grantLease(queue.options().ttl()), (granted, failure) -> {
            granting = false;
            if (granted == null) {
                if (stage == Stage.OVER) {
                    queue.complete(left, null);
                } else {
                    retry(failure, this::grant);
                }
                return;
            }
            lease = granted;
            if (stage == Stage.OVER) {
                revoke(granted);
                return;
            }
            granted.ended().thenAccept(end -> queue.execute(() -> leaseEnded(end)));
            create();
        });
    }

    private void create() {
        Txn join = Txn.builder()
                .ifAbsent(key)
                .put(key, value, lease())
                // Two commits may share a revision unless they write the same key, and tokens must differ.
                .put(queue.turns(), Bytes.EMPTY, lease())
                .build();
        queue.start(() -> queue.backend().commit(join), (commit, failure) -> {
            if (stage != Stage.JOINING) {
                return;
            }
            if (commit != null) {
                queued(commit.revision());
            } else if (failure instanceof KeyExistsException
                    || (failure instanceof KvException e && e.outcome() == Outcome.UNKNOWN)) {
                readBack(failure);
            } else {
                retry(failure, this::create);
            }
        });
    }

    /** Settles what {@code doubt} has left open. */
    private void readBack(Throwable doubt) {
        queue.start(() -> queue.backend().get(key), (GetResult found, Throwable failure) -> {
            if (stage != Stage.JOINING) {
                return;
            }
            if (found == null) {
                retry(failure, () -> readBack(doubt));
                return;
            }
            KeyValue entry = found.entryOrNull();
            if (entry == null) {
                // Not at once: a store that is full answers in no time, and so would we.
                again(doubt, this::create);
            } else {
                queued(entry.revision());
            }
        });
    }

    private void queued(long at) {
        stage = Stage.QUEUED;
        revision = at;
        queue.calm();
        owner.queued(this);
        queue.look(this);
    }

    private void retry(@Nullable Throwable failure, Runnable step) {
        if (stage != Stage.JOINING) {
            return;
        }
        Throwable cause = requireNonNull(failure, "failure");
        if (cause instanceof LeaseLostException) {
            lost("the lease was lost", null);
        } else if (isPassing(cause)) {
            again(cause, step);
        } else {
            lost(String.valueOf(cause.getMessage()), cause);
        }
    }

    private void again(Throwable cause, Runnable step) {
        owner.delayed(this, cause);
        pause = queue.pause(() -> {
            pause = null;
            if (stage == Stage.JOINING) {
                step.run();
            }
        });
    }

    /** Whether it may go better later. */
    private static boolean isPassing(Throwable failure) {
        return failure instanceof KvException e
                && !(e instanceof BackendClosedException)
                && (e.isRetryable() || e.outcome() == Outcome.UNKNOWN);
    }

    // --- What becomes of it

    private void leaseEnded(LeaseEnd end) {
        lost(end == LeaseEnd.LOST ? "the lease was lost" : "the lease was revoked", null);
    }

    /** The queue at {@code exact} has {@code entry} at this place's key. */
    void seen(@Nullable KeyValue entry, long exact) {
        boolean queued = stage == Stage.QUEUED || stage == Stage.FIRST;
        // What is older than the entry cannot tell about it.
        if (queued && exact >= revision && (entry == null || entry.revision() != revision)) {
            lost(
                    entry == null
                            ? "the entry '" + key + "' is gone"
                            : "the entry '" + key + "' was changed by someone else",
                    null);
        }
    }

    /** The queue begins with the entry of this place's key at {@code at}. */
    void first(long at) {
        if (stage == Stage.QUEUED && at == revision && lease().isHeld()) {
            stage = Stage.FIRST;
            owner.first(this);
        }
    }

    /** From now on its owner is told once that another is before it. */
    void tellIfBehind() {
        queue.tellIfBehind(this);
    }

    /** The store has shown it in the queue, with another before it. Returns whether its owner was told, who has to know first that it is queued. */
    boolean behind() {
        boolean told = stage == Stage.QUEUED;
        if (told) {
            owner.behind(this);
        }
        return told;
    }

    /** The queue cannot be followed any more. */
    void unwatched(KvException cause) {
        if (cause instanceof BackendClosedException || (stage != Stage.FIRST && !isPassing(cause))) {
            lost(String.valueOf(cause.getMessage()), cause);
        }
    }

    private void lost(String reason, @Nullable Throwable failure) {
        if (stage != Stage.OVER) {
            end();
            owner.over(this, reason, failure);
        }
    }

    // --- Giving it up

    /**
     * Leaves.
     *
     * @return completes on a callback thread when the store has confirmed it; with an exception if it cannot, and then it goes after the ttl
     */
    CompletableFuture<Void> leave() {
        if (stage != Stage.OVER) {
            end();
        }
        return left;
    }

    private void end() {
        stage = Stage.OVER;
        if (pause != null) {
            pause.close();
        }
        Lease held = lease;
        if (held != null) {
            revoke(held);
        } else if (!granting) {
            queue.complete(left, null);
        }
        queue.left(this, left);
    }

    private void revoke(Lease held) {
        held.revoke().whenComplete((nothing, failure) -> queue.complete(left, failure));
    }
}
