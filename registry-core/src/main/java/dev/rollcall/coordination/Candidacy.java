package dev.rollcall.coordination;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.SerialLane;
import dev.rollcall.kv.support.UserCode;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Desired state, until it is closed: to lead. A candidate that loses its place in the queue, by the loss of its lease or a removal by hand, joins the end
 * of the queue again by itself. Safe for use by several threads; no method but {@link #close()} blocks.
 */
/*
 * Concurrency: place, pause, refusals and left are confined to the queue's own executor; closed, queued, term and the failures are written there and read by anyone. The
 * listener is called on a lane of its own.
 */
public final class Candidacy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

    /** Where the pauses after a refused office end: each costs a lease, a place in the queue and the others' time. */
    private static final Duration LONGEST_REFUSAL = Duration.ofSeconds(10);

    private final TicketQueue queue;
    /** The pauses after the listener has thrown; not the queue's, which begin anew with every place in the queue. */
    private final Backoff refusals;

    private final String candidateId;
    /** The same, for logs. */
    private final String shown;

    private final CandidateListener listener;
    private final Consumer<Candidacy> onClosed;
    private final SerialLane telling;
    private final Ticket.Owner owner = new Owner();
    private @Nullable Ticket ticket;
    private @Nullable Subscription pause;
    /** Completes when the store has confirmed that the last place is given up, or could not. */
    private CompletableFuture<Void> left = CompletableFuture.completedFuture(null);

    private volatile boolean closed;
    private volatile boolean queued;
    private volatile @Nullable Term term;
    private volatile @Nullable Throwable lastFailure;
    private volatile @Nullable Throwable listenerFailure;

    private record Term(FencingToken token, Lease lease) {}

    Candidacy(TicketQueue queue, String candidateId, CandidateListener listener, Consumer<Candidacy> onClosed) {
        this.queue = queue;
        this.candidateId = candidateId;
        this.shown = Printable.text(candidateId);
        this.listener = listener;
        this.onClosed = onClosed;
        this.telling = new SerialLane(queue.callbacks());
        Duration longest = queue.options().longestPause();
        this.refusals = new Backoff(
                queue.options().firstPause(), Durations.max(longest, LONGEST_REFUSAL), new SplittableRandom());
    }

    /** What the candidate calls itself. */
    public String candidateId() {
        return candidateId;
    }

    /** The candidacy's state. */
    public CandidacyState state() {
        if (closed) {
            return CandidacyState.CLOSED;
        }
        if (term != null) {
            return isLeader() ? CandidacyState.LEADING : CandidacyState.JOINING;
        }
        return queued ? CandidacyState.WAITING : CandidacyState.JOINING;
    }

    /**
     * Whether this candidate leads, by its own clock: turns false no later than another can be elected, unless someone removes the entry by hand.
     * A pause may follow any answer, so what must not happen twice is written {@linkplain FencingToken#guard guarded}.
     */
    public boolean isLeader() {
        Term now = term;
        return now != null && now.lease().isHeld();
    }

    /** The token of the present term, or empty if this candidate does not lead. */
    public Optional<FencingToken> token() {
        Term now = term;
        return now != null && now.lease().isHeld() ? Optional.of(now.token()) : Optional.empty();
    }

    /**
     * What last went wrong on the way into the queue, if nothing went well since; else what {@link CandidateListener#onElected} last threw, until it
     * returns normally; else empty. What ended the candidacy stays.
     */
    public Optional<Throwable> lastFailure() {
        Throwable onTheWay = lastFailure;
        return Optional.ofNullable(onTheWay == null ? listenerFailure : onTheWay);
    }

    /**
     * Gives up the office, or the place in the queue, and takes a new place at the end. Has no effect once closed.
     *
     * @return completes when the store has confirmed that the old place is given up; with a {@link dev.rollcall.kv.KvException} if it cannot,
     *     and then that goes after the ttl at the latest
     */
    public CompletableFuture<Void> stepDown() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.execute(() -> {
            leave("the candidate stepped down").whenComplete((nothing, failure) -> {
                queue.complete(done, failure);
                // Only now, or the new place could be in the queue before others know that the old one is free.
                queue.execute(this::join);
            });
        });
        return done;
    }

    /**
     * Gives up the office and the candidacy, and waits until the store has confirmed that, also of a place that was given up just before, at most
     * for the close timeout; otherwise they go after the ttl. An interrupted thread waits as well, and stays interrupted. Has no effect when called again.
     */
    @Override
    public void close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.execute(() -> beginClose().whenComplete((nothing, failure) -> done.complete(null)));
        queue.awaitQuietly(done);
    }

    /** The id and the state. */
    @Override
    public String toString() {
        return "Candidacy[" + shown + " for " + queue.shown() + ", " + state() + "]";
    }

    // --- On the queue's own executor

    void join() {
        if (!closed && ticket == null && pause == null) {
            ticket = queue.join(queue.recordOf(candidateId), owner);
        }
    }

    CompletableFuture<Void> beginClose() {
        if (!closed) {
            closed = true;
            onClosed.accept(this);
        }
        return leave("the candidacy was closed");
    }

    private CompletableFuture<Void> leave(String reason) {
        if (pause != null) {
            pause.close();
            pause = null;
        }
        Ticket old = ticket;
        if (old != null) {
            // First of all it has to end here.
            ended(reason);
            left = old.leave();
        }
        return left;
    }

    /** On the listener's lane. */
    private void elected(Term won) {
        try {
            listener.onElected(won.token());
        } catch (Throwable e) {
            // It leads and cannot do what a leader has to: others shall try.
            queue.execute(() -> stepDownAfter(e, won));
            return;
        }
        queue.execute(() -> {
            refusals.reset();
            if (listenerFailure != null) {
                listenerFailure = null;
                LOG.info("The listener of '{}' takes the office of '{}' again.", shown, queue.shown());
            }
        });
    }

    private void stepDownAfter(Throwable thrown, Term won) {
        if (listenerFailure == null) {
            LOG.warn(
                    "'{}' gives the office of '{}' up, as its listener threw, and stands again after pauses that grow: {}",
                    shown,
                    queue.shown(),
                    Printable.line(thrown.toString()));
        }
        LOG.debug("The listener of '{}' for '{}' threw.", shown, queue.shown(), thrown);
        listenerFailure = thrown;
        if (won.equals(term)) {
            leave("its listener threw " + Printable.line(thrown.toString()));
            pause = queue.schedule(refusals.next(), () -> queue.execute(this::paused));
        }
    }

    private void pauseAndJoin() {
        pause = queue.pause(this::paused);
    }

    private void paused() {
        pause = null;
        join();
    }

    /** How loud a change of office is: while the listener keeps refusing it, it is no news. */
    private Level level() {
        return listenerFailure == null ? Level.INFO : Level.DEBUG;
    }

    private void ended(String reason) {
        ticket = null;
        queued = false;
        Term last = term;
        if (last != null) {
            term = null;
            LOG.atLevel(level()).log("'{}' does not lead '{}' any more: {}.", shown, queue.shown(), reason);
            telling.execute(
                    () -> UserCode.run("leadership listener", shown, () -> listener.onLost(last.token(), reason)));
        }
    }

    private final class Owner implements Ticket.Owner {
        @Override
        public void queued(Ticket joined) {
            queued = true;
            lastFailure = null;
        }

        @Override
        public void first(Ticket first) {
            Term won = new Term(first.token(), first.lease());
            term = won;
            LOG.atLevel(level())
                    .log(
                            "'{}' leads '{}' in term {}.",
                            shown,
                            queue.shown(),
                            won.token().revision());
            telling.execute(() -> UserCode.run("leadership listener", shown, () -> elected(won)));
        }

        @Override
        public void over(Ticket lost, String reason, @Nullable Throwable failure) {
            ended(reason);
            left = lost.leave();
            if (failure != null && !(failure instanceof KvException) || failure instanceof BackendClosedException) {
                lastFailure = failure;
                closed = true;
                onClosed.accept(Candidacy.this);
                LOG.info("The candidacy of '{}' for '{}' has ended: {}.", shown, queue.shown(), reason);
                return;
            }
            if (failure != null) {
                failed(failure);
            }
            pauseAndJoin();
        }

        @Override
        public void delayed(Ticket waiting, Throwable failure) {
            failed(failure);
        }

        private void failed(Throwable failure) {
            if (lastFailure == null) {
                LOG.warn(
                        "'{}' cannot stand for '{}' now and tries again: {}",
                        shown,
                        queue.shown(),
                        failure.getMessage());
            }
            LOG.debug("An attempt of '{}' to stand for '{}' failed.", shown, queue.shown(), failure);
            lastFailure = failure;
        }
    }
}
