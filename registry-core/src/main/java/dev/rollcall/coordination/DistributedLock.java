package dev.rollcall.coordination;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock with one holder at a time among all that use the same directory of the same store.
 *
 * <p>Turns are fair: first come, first served, in store order. Each place in the queue is a leased entry in the directory, so a holder that dies, or is
 * disconnected or paused for longer than the ttl, loses its turn, and a waiter that dies delays no other. All waiters of this object share one watch, and
 * write nothing until their turn is over. The lock is not reentrant: a holder that asks again waits behind itself.
 *
 * <p>A lock over a network cannot stop a holder that has lost it without knowing yet. So the holder {@linkplain LockHold#isHeld() asks}
 * before it acts, and writes {@linkplain LockHold#commit guarded} what must not happen twice; see {@link FencingToken}.
 *
 * <p>One object per process is enough for any number of threads; it keeps one watch from the first use until it is closed. Outages of the store
 * only make an acquisition wait longer. The backend stays open when the lock is closed.
 */
/*
 * Concurrency: acquisitions and holds, and what is in them, are confined to the queue's own executor; the rest is final.
 */
public final class DistributedLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DistributedLock.class);

    /** What the store is given to say who has the lock, however short a caller's patience with others is. */
    private static final Duration LEAST_PATIENCE_WITH_THE_STORE = Duration.ofSeconds(1);

    private final TicketQueue queue;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Set<Acquisition> acquisitions = new HashSet<>();

    private DistributedLock(TicketQueue queue) {
        this.queue = queue;
    }

    /** The lock at {@code directory}, with default options. Sends nothing. */
    public static DistributedLock open(KvBackend backend, Directory directory) {
        return open(backend, directory, CoordinationOptions.defaults());
    }

    /**
     * The lock at {@code directory}. Sends nothing.
     *
     * @throws IllegalArgumentException if the directory's path is so long that an entry's key, 43 bytes more, would be refused
     */
    public static DistributedLock open(KvBackend backend, Directory directory, CoordinationOptions options) {
        return new DistributedLock(new TicketQueue(backend, directory, options, first -> {}));
    }

    /** Where the queue is. */
    public Directory directory() {
        return queue.directory();
    }

    /**
     * Asks for a turn; does not block. However the future is completed by others, by cancelling or a timeout of its own, the place in the queue
     * is given up, and a turn that comes all the same is released.
     *
     * @return completes on a callback thread when the turn has come; with a {@link KvException} if waiting is of no use, because the lock or
     *     the backend was closed or access is denied. While the store is away it waits, and so long as another has the lock
     * @throws IllegalStateException if the lock was closed
     */
    public CompletableFuture<LockHold> acquire() {
        return begin().future;
    }

    private Acquisition begin() {
        if (closed.get()) {
            throw new IllegalStateException("The lock '" + directory() + "' has been closed.");
        }
        Acquisition acquisition = new Acquisition();
        acquisition.future.whenComplete((hold, failure) -> queue.execute(() -> acquisition.completed(hold)));
        queue.execute(acquisition::begin);
        return acquisition;
    }

    /**
     * Asks for a turn and waits for it.
     *
     * @throws KvException if waiting is of no use; see {@link #acquire()}
     * @throws InterruptedException if the thread is interrupted; the place in the queue is then given up
     */
    public LockHold lock() throws InterruptedException {
        return await(acquire());
    }

    /**
     * Asks for the lock if it is free now, and waits for the store to say so, at most for the close timeout.
     *
     * @return the turn, or empty if somebody has the lock, by the store's word; the place in the queue is then given up
     * @throws UnavailableException if the store has not said in time who has it; the place in the queue is then given up
     * @throws KvException if waiting is of no use; see {@link #acquire()}
     * @throws InterruptedException if the thread is interrupted; the place in the queue is then given up
     */
    public Optional<LockHold> tryLock() throws InterruptedException {
        return tryLock(Duration.ZERO, queue.options().closeTimeout());
    }

    /**
     * Asks for a turn and waits for it, but for others not longer than {@code patience}. A patience of less than a second still gives the store
     * itself a second to answer.
     *
     * @return the turn, or empty if somebody else has the lock, by the store's word; the place in the queue is then given up
     * @throws IllegalArgumentException if {@code patience} is not positive or longer than 365 days
     * @throws UnavailableException if the store has not said in time who has the lock; the place in the queue is then given up
     * @throws KvException if waiting is of no use; see {@link #acquire()}
     * @throws InterruptedException if the thread is interrupted; the place in the queue is then given up
     */
    public Optional<LockHold> tryLock(Duration patience) throws InterruptedException {
        Durations.check("patience", patience);
        return tryLock(patience, Durations.max(patience, LEAST_PATIENCE_WITH_THE_STORE));
    }

    private Optional<LockHold> tryLock(Duration patience, Duration answer) throws InterruptedException {
        Acquisition acquisition = begin();
        Subscription end = queue.schedule(patience, () -> queue.execute(acquisition::endPatience));
        Subscription last = queue.schedule(answer, () -> queue.execute(() -> acquisition.unanswered(answer)));
        try {
            return Optional.of(await(acquisition.future));
        } catch (CancellationException e) {
            return Optional.empty();
        } finally {
            end.close();
            last.close();
        }
    }

    private static LockHold await(CompletableFuture<LockHold> turn) throws InterruptedException {
        try {
            return Futures.await(turn);
        } catch (InterruptedException e) {
            if (!turn.cancel(false) && !turn.isCompletedExceptionally()) {
                // It came at the same moment, and nobody will know of it.
                turn.getNow(null).close();
            }
            throw e;
        }
    }

    /**
     * What holds as long as the turn of {@code token} lasts.
     *
     * @throws IllegalArgumentException if the token is of another lock
     */
    public Condition guardedBy(FencingToken token) {
        return queue.guardedBy(token);
    }

    /**
     * Releases what is held through this object, gives up what is waited for, and waits until the store has confirmed that, at most for the close
     * timeout; what is not confirmed by then goes after the ttl. An interrupted thread waits as well, and stays interrupted. Has no
     * effect when called again.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.execute(() -> {
            List.copyOf(acquisitions).forEach(Acquisition::close);
            queue.close().whenComplete((nothing, failure) -> done.complete(null));
        });
        queue.awaitQuietly(done);
        queue.closeThreads();
    }

    /** The directory. */
    @Override
    public String toString() {
        return "DistributedLock[" + queue.shown() + " on " + queue.backend().name() + "]";
    }

    /** One wish for a turn, from the call until the turn has ended. Confined to the queue's own executor, but the future. */
    private final class Acquisition implements Ticket.Owner {
        private final CompletableFuture<LockHold> future = new CompletableFuture<>();
        private @Nullable Ticket ticket;
        private @Nullable LockHold hold;
        private @Nullable Subscription pause;
        private @Nullable Throwable lastFailure;
        private boolean impatient;
        /** Whether the store has said that somebody else has the lock, and nobody waits for that to change. */
        private boolean taken;

        void begin() {
            if (closed.get()) {
                fail(queue.closedException("acquire", "the lock"));
            } else if (!future.isDone()) {
                acquisitions.add(this);
                join();
            }
        }

        private void join() {
            ticket = queue.join(queue.recordOf(queue.options().owner()), this);
            if (impatient) {
                ticket.tellIfBehind();
            }
        }

        /** From now on it waits for the store's word only, and no longer for others. */
        void endPatience() {
            impatient = true;
            if (ticket != null && hold == null) {
                ticket.tellIfBehind();
            }
        }

        @Override
        public void behind(Ticket waiting) {
            taken = true;
            queue.callbacks().execute(() -> future.cancel(false));
        }

        /** Whoever asked has waited for the store's word for so long. */
        void unanswered(Duration time) {
            // The future is completed elsewhere, and may not be done yet with what is known here.
            if (hold == null && !taken && !future.isDone()) {
                fail(new UnavailableException(
                        queue.context("acquire"),
                        Outcome.NOT_APPLIED,
                        "the store has not said within " + time.toMillis() + " ms who has the lock"
                                + (lastFailure == null ? "" : "; the last failure was: " + lastFailure.getMessage()),
                        lastFailure));
            }
        }

        @Override
        public void queued(Ticket queued) {
            LOG.debug(
                    "Queued for '{}' at revision {}.",
                    queue.shown(),
                    queued.token().revision());
        }

        @Override
        public void first(Ticket first) {
            LockHold turn = new LockHold(queue, first);
            hold = turn;
            queue.callbacks().execute(() -> {
                if (!future.complete(turn)) {
                    turn.close();
                }
            });
        }

        @Override
        public void over(Ticket lost, String reason, @Nullable Throwable failure) {
            ticket = null;
            if (hold != null) {
                if (hold.lost()) {
                    LOG.info("The lock '{}' was lost: {}.", queue.shown(), reason);
                }
                acquisitions.remove(this);
            } else if (failure != null) {
                acquisitions.remove(this);
                fail(failure);
            } else {
                LOG.debug("The place in the queue for '{}' was lost, another is taken: {}.", queue.shown(), reason);
                pause = queue.pause(() -> {
                    pause = null;
                    if (acquisitions.contains(this)) {
                        join();
                    }
                });
            }
        }

        @Override
        public void delayed(Ticket waiting, Throwable failure) {
            lastFailure = failure;
            LOG.debug("The lock '{}' has to wait.", queue.shown(), failure);
        }

        private void fail(Throwable failure) {
            queue.callbacks().execute(() -> future.completeExceptionally(failure));
        }

        /** The future is done; if not by a turn of ours, nobody waits any more. */
        void completed(@Nullable LockHold with) {
            if (with == null || with != hold) {
                giveUp();
            } else {
                // Only now, so that close() finds whatever has not been handed over.
                with.ended().thenRun(() -> queue.execute(() -> acquisitions.remove(this)));
            }
        }

        private void giveUp() {
            acquisitions.remove(this);
            if (pause != null) {
                pause.close();
                pause = null;
            }
            if (hold != null) {
                hold.releaseNow();
            } else if (ticket != null) {
                ticket.leave();
                ticket = null;
            }
        }

        void close() {
            boolean waiting = hold == null;
            giveUp();
            if (waiting) {
                fail(queue.closedException("acquire", "the lock"));
            }
        }
    }
}
