package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that its handle renews by a request for it alone: the holder's half, for any such store. {@link RenewedLeases} makes it.
 *
 * <p>It is renewed at every third of its ttl, and again soon after a renewal has failed; one without a reply delays none after it. It is held as long as its
 * {@link LeaseTerm} says. It ends once: {@code REVOKED} if the store has confirmed that before the term would have been over, else {@code LOST}. A
 * revocation is tried until the store has confirmed it, or the ttl has passed; so is the end, in the store, of a lease that could not be renewed in time,
 * since a late renewal may have kept its entries.
 *
 * <p>Safe for use by several threads; no method blocks. Continuations of what it returns run on the threads for callbacks of its handle.
 */
public final class RenewedLease implements Lease {
    /** What a backend asks its store about one lease. Called on any thread, the timer's included, so neither method may block. */
    public interface Requests {
        /**
         * Asks the store to renew the lease. More than one may be under way.
         *
         * @return completes, on any thread, with the ttl that the store counts again from when it has handled the request, or with zero if it does not know
         *     the lease any more; with a failure if nobody can tell
         */
        CompletionStage<Duration> renew();

        /**
         * Asks the store to end the lease and to delete its entries. May be called again while one is under way, or after one that failed.
         *
         * @return completes, on any thread, when the entries are gone, also if the store does not know the lease any more. A {@link KvException} that is
         *     {@code NOT_APPLIED} and not retryable is told to whoever waits; after any other failure they wait for the next attempt, and for their deadline
         */
        CompletionStage<Void> revoke();
    }

    private static final Logger LOG = LoggerFactory.getLogger(RenewedLease.class);

    private static final int RENEWALS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    /** After this long without a reply, a revocation is asked for again. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private enum Phase {
        /** It is renewed. */
        HELD,
        /** It has ended for its holder, and is to end in the store. */
        ENDING,
        /** Nothing more is done about it. */
        OVER
    }

    /*
     * Concurrency: lock guards every field below it; requests are made, and whoever waits is told, without it. The term ends with the phase HELD,
     * so that no request to end the lease leaves while it is held.
     */
    private final RenewedLeases owner;
    private final TimeSource time;
    private final String id;
    private final Duration ttl;
    private final Requests requests;
    private final LeaseTerm term;
    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private Phase phase = Phase.HELD;
    private @Nullable LeaseEnd end;
    /** The ttl that the store counts, as the latest of the requests that were answered has told. */
    private Duration granted;
    /** The number of that request. */
    private long grantedBy;

    private Duration interval;
    private Backoff pauses;
    /** When the next request is due: a renewal while it is held, then another attempt to end it. */
    private Subscription next = () -> {};
    /** When the term is over. */
    private Subscription clock = () -> {};
    /** When the store has ended it by itself. */
    private Subscription last = () -> {};
    /** How many requests have been made. */
    private long requested;
    /** Requests to end it that have not failed. */
    private int underWay;

    private boolean inDoubt;
    private @Nullable PendingCall<Void> asked;

    RenewedLease(RenewedLeases owner, String id, Duration ttl, long sentAt, Requests requests) {
        this.owner = owner;
        this.time = owner.time();
        this.id = requireNonNull(id, "id");
        this.ttl = requireNonNull(ttl, "ttl");
        this.requests = requireNonNull(requests, "requests");
        this.term = LeaseTerm.of(time, sentAt, LeaseTerm.lessMargin(ttl));
        this.granted = ttl;
        this.interval = ttl.dividedBy(RENEWALS);
        this.pauses = pauses(interval);
    }

    private static Backoff pauses(Duration longest) {
        return new Backoff(
                Durations.min(FIRST_PAUSE, longest), Durations.min(LONGEST_PAUSE, longest), new SplittableRandom());
    }

    @Override
    public String id() {
        return id;
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
        CompletableFuture<Void> confirmed;
        boolean begun;
        lapse();
        lock.lock();
        try {
            if (phase == Phase.OVER || end != null) {
                return CompletableFuture.completedFuture(null);
            }
            begun = phase == Phase.HELD;
            if (asked == null || asked.isDone()) {
                asked = owner.beginRevocation();
                if (underWay > 0 || inDoubt) {
                    asked.sent();
                }
            }
            // Every caller has a future of its own, as each may complete what it got.
            confirmed = Futures.map(asked.future(), nothing -> nothing);
        } finally {
            lock.unlock();
        }
        if (begun) {
            endAtHoldersWish();
        }
        return confirmed;
    }

    @Override
    public void close() {
        revoke();
    }

    /**
     * The store is known to have ended the lease, or not to be the one that granted it: for a backend that has learned so otherwise than by a renewal. Has no
     * effect on a lease that has ended.
     *
     * @param reason for the log; a clause without a full stop
     */
    public void lose(String reason) {
        lost(reason, true);
    }

    boolean isOf(RenewedLeases leases) {
        return owner == leases;
    }

    // --- While it is held

    /** Begins to renew it, an interval after the request for it left. */
    void begin(long sentAt) {
        lock.lock();
        try {
            if (phase == Phase.HELD) {
                clock = time.schedule(term.left(), this::clockTick);
                next = time.schedule(untilDue(sentAt), this::tick);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long until the next renewal, an interval after the request that left at {@code sentAt}; however late its reply came. */
    private Duration untilDue(long sentAt) {
        Duration left = interval.minusNanos(time.nanoTime() - sentAt);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** There is a connection again: what could not be asked for meanwhile is asked for now. */
    void reconnected() {
        tick();
    }

    private void clockTick() {
        if (!lapse()) {
            lock.lock();
            try {
                if (phase == Phase.HELD) {
                    clock = time.schedule(term.left(), this::clockTick);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Gives it up if its term is over; returns whether this has done so. */
    private boolean lapse() {
        lock.lock();
        try {
            if (phase != Phase.HELD || term.isHeld()) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        return lost("it could not be renewed within its ttl of " + ttl.toMillis() + " ms", true);
    }

    /** The next request is due. */
    private void tick() {
        if (lapse()) {
            return;
        }
        boolean held;
        long number;
        lock.lock();
        try {
            next.close();
            if (phase == Phase.OVER) {
                return;
            }
            held = phase == Phase.HELD;
            number = ++requested;
            next = time.schedule(held ? interval : PATIENCE, this::tick);
            if (!held) {
                underWay++;
                if (asked != null) {
                    asked.sent();
                }
            }
        } finally {
            lock.unlock();
        }
        if (held) {
            long sentAt = time.nanoTime();
            ask(requests::renew).whenComplete((granted, failure) -> renewed(number, sentAt, granted, failure));
        } else {
            ask(requests::revoke).whenComplete((nothing, failure) -> revoked(failure));
        }
    }

    private static <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> request) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void renewed(long number, long sentAt, @Nullable Duration answered, @Nullable Throwable failure) {
        if (failure == null && answered != null && (answered.isZero() || answered.isNegative())) {
            lost("the store does not know it any more", false);
            return;
        }
        lock.lock();
        try {
            if (phase != Phase.HELD) {
                return;
            }
            if (failure == null && answered != null) {
                counted(number, sentAt, answered);
                pauses.reset();
            } else if (number == requested) {
                next.close();
                next = time.schedule(Durations.min(interval, pause()), this::tick);
            }
        } finally {
            lock.unlock();
        }
    }

    /** One that comes too late extends nothing. A shorter ttl counts in whatever order the replies come: its request may have been handled last. */
    private void counted(long number, long sentAt, Duration answered) {
        boolean isShorter = answered.compareTo(granted) < 0;
        if (!isShorter && number < grantedBy) {
            return;
        }
        grantedBy = Math.max(grantedBy, number);
        granted = answered;
        interval = answered.dividedBy(RENEWALS);
        if (isShorter) {
            term.limit(sentAt, LeaseTerm.lessMargin(answered));
            clock.close();
            clock = time.schedule(term.left(), this::clockTick);
            next.close();
            next = time.schedule(untilDue(sentAt), this::tick);
        } else {
            term.extend(sentAt, LeaseTerm.lessMargin(answered));
        }
    }

    /** Never nothing: a request that fails at once must not be made without end. */
    private Duration pause() {
        return pauses.next().plus(Durations.min(FIRST_PAUSE, interval).dividedBy(10));
    }

    // --- Its end

    /** Its holder, or the end of the handle, ends it. */
    void endAtHoldersWish() {
        lock.lock();
        try {
            if (phase != Phase.HELD) {
                return;
            }
            Duration left = term.left();
            ending();
            // By then it has ended by itself, and nobody can say that it was revoked.
            clock = time.schedule(left, () -> settle(LeaseEnd.LOST));
        } finally {
            lock.unlock();
        }
        tick();
    }

    /** Returns whether this has ended it. */
    private boolean lost(String reason, boolean mayBeKept) {
        PendingCall<Void> caller = null;
        lock.lock();
        try {
            if (phase != Phase.HELD) {
                return false;
            }
            ending();
            if (!mayBeKept) {
                over();
                caller = asked;
            }
        } finally {
            lock.unlock();
        }
        LOG.warn("{}: lease {} is lost: {}.", owner.name(), id, reason);
        settle(LeaseEnd.LOST);
        if (mayBeKept) {
            tick();
        } else {
            if (caller != null) {
                // What was asked for a moment ago is so: its entries are gone.
                caller.complete(nothing());
            }
            owner.forget(this);
        }
        return true;
    }

    private void ending() {
        term.end();
        phase = Phase.ENDING;
        pauses = pauses(LONGEST_PAUSE);
        clock.close();
        // From now on nothing renews it, so the store needs no request to end it by then.
        last = time.schedule(ttl, () -> giveUp(outcome -> unconfirmed(outcome)));
    }

    private void over() {
        phase = Phase.OVER;
        next.close();
        clock.close();
        last.close();
    }

    /** Says how it has ended, unless that is decided; returns whether it was not. */
    private boolean settle(LeaseEnd how) {
        lock.lock();
        try {
            if (end != null) {
                return false;
            }
            end = how;
        } finally {
            lock.unlock();
        }
        owner.callbacks().execute(() -> ended.complete(how));
        return true;
    }

    /** An attempt to end it has come to something. */
    private void revoked(@Nullable Throwable failure) {
        PendingCall<Void> caller;
        KvException refusal = null;
        Throwable cause = failure == null ? null : Futures.unwrap(failure);
        lock.lock();
        try {
            underWay--;
            if (phase != Phase.ENDING) {
                return;
            }
            caller = asked;
            if (cause == null) {
                over();
            } else {
                boolean notApplied = cause instanceof KvException known && known.outcome() == Outcome.NOT_APPLIED;
                inDoubt |= !notApplied;
                if (!inDoubt && underWay == 0) {
                    refusal = ((KvException) cause).isRetryable() ? null : (KvException) cause;
                    if (caller != null) {
                        caller.unsent("the attempt failed: " + cause.getMessage(), cause);
                    }
                }
                next.close();
                next = time.schedule(pause(), this::tick);
            }
        } finally {
            lock.unlock();
        }
        if (cause == null) {
            settle(LeaseEnd.REVOKED);
            if (caller != null) {
                caller.complete(nothing());
            }
            owner.forget(this);
        } else if (refusal != null && caller != null) {
            caller.fail(refusal);
        }
    }

    /** Nobody asks the store any more, as the handle is closed. */
    void abandon() {
        if (giveUp(outcome -> new BackendClosedException(owner.revocation(), outcome))) {
            LOG.warn(
                    "{}: lease {} could not be revoked while the handle was closed; its entries go after its ttl of {} ms.",
                    owner.name(),
                    id,
                    ttl.toMillis());
        }
    }

    private KvException unconfirmed(Outcome outcome) {
        return new UnavailableException(
                owner.revocation(),
                outcome,
                "the store did not confirm it within the lease's ttl of " + ttl.toMillis() + " ms",
                null);
    }

    /** Returns whether nobody had been told how it has ended. */
    private boolean giveUp(Function<Outcome, KvException> reason) {
        PendingCall<Void> caller;
        lock.lock();
        try {
            if (phase != Phase.ENDING) {
                return false;
            }
            over();
            caller = asked;
        } finally {
            lock.unlock();
        }
        boolean undecided = settle(LeaseEnd.LOST);
        if (caller != null) {
            caller.fail(reason);
        }
        owner.forget(this);
        return undecided;
    }

    @SuppressWarnings("NullAway") // Void has no other value.
    private static Void nothing() {
        return null;
    }

    @Override
    public String toString() {
        return "lease " + id + " of " + owner.name();
    }
}
