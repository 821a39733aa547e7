package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.SerialLane;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the store to the state that a {@link Registration} wants, one operation at a time: get a lease, read record and claim, write what is missing, and
 * read again whenever either changes.
 *
 * <p>Each step follows from the {@link ReconcilerPhase}, which is derived from what is known. Attempts are not recorded, only what was read ({@link KnownState}): any
 * failure, unknown outcome or change by others invalidates it, and the next read decides. {@link Claim} makes sure that one read suffices.
 */
/*
 * Concurrency: what changes is confined to lane: the fields below, and those of claim, known, inbound, operation, lastWrite and pauses. board and updates
 * have locks of their own, closed is thread-safe. Operations of the backend, timers, leases and the tracker only queue tasks on the lane. Nothing on it
 * blocks but the user's codec in LastWrite.
 */
final class Reconciler implements KeyTracker.Observer {
    private final KvBackend backend;
    private final KeyTracker tracker;
    private final Claim claim;
    private final RegistrationOptions options;
    private final SerialLane lane;
    private final StatusBoard board;
    private final PendingUpdates updates;
    private final InboundRequests inbound;
    private final Pauses pauses;
    private final PendingOperation operation;
    private final LastWrite lastWrite;
    private final KnownState known = new KnownState();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /** What tells of changes, once started. */
    private @Nullable Subscription tracking;

    /** The lease that was granted last, unless its end has been told or it is being revoked. */
    private @Nullable Lease lease;

    /** Whether changes are told, or it was told that they will not be. */
    private boolean watching;

    /** Whether the node has ever been in the store as it shall be. */
    private boolean wasRegistered;

    /** Whether a conflict was final. */
    private boolean givenUp;

    /** Whether it is being closed, by its user or at the request of somebody else. */
    private boolean closing;

    Reconciler(
            RegistryContext registryContext,
            KeyTracker tracker,
            Claim claim,
            RegistrationOptions options,
            Bytes desired,
            Supplier<Bytes> departed,
            Key requests,
            Function<NodeRequest, CompletableFuture<Long>> obey) {
        this.backend = registryContext.backend();
        this.tracker = tracker;
        this.claim = claim;
        this.options = options;
        this.lane = new SerialLane(registryContext.callbacks());
        this.board = new StatusBoard(registryContext, claim.record());
        this.updates = new PendingUpdates(
                registryContext.callbacks(),
                registryContext.context("update", claim.record().path()),
                desired);
        this.inbound = new InboundRequests(requests, claim.incarnation(), obey, lane, this::proceed);
        this.pauses = new Pauses(registryContext, lane, options, this::proceed);
        this.operation = new PendingOperation(lane);
        this.lastWrite = new LastWrite(backend, claim, departed, inbound, operation, this::proceed);
    }

    void start() {
        lane.execute(() -> {
            if (!closed.isDone()) {
                tracking = tracker.track(this, inbound.with(claim.keys()));
            }
        });
    }

    Claim claim() {
        return claim;
    }

    RegistrationStatus status() {
        return board.status();
    }

    Subscription onStatus(Consumer<? super RegistrationStatus> listener) {
        return board.subscribe(listener);
    }

    /** Completes when the node has first been found in the store as it shall be. */
    CompletableFuture<Long> registered() {
        return updates.first();
    }

    /** Completes once nothing more will be written. */
    CompletableFuture<Void> closed() {
        return closed;
    }

    CompletableFuture<Long> desire(Bytes value) {
        return updates.add(value);
    }

    /** Follows {@link #desire}; apart from it because this may run continuations, and that is called under a lock. */
    void desired() {
        if (closed.isDone()) {
            updates.close();
        }
        lane.execute(this::proceed);
    }

    void beginClose() {
        lane.execute(() -> {
            closing = true;
            pauses.end();
            proceed();
        });
    }

    /** Completes with the phase that applies once all that has come so far has been taken in. */
    CompletableFuture<ReconcilerPhase> phaseAfterAll() {
        CompletableFuture<ReconcilerPhase> found = new CompletableFuture<>();
        lane.execute(() -> found.complete(phase()));
        return found;
    }

    /** Ends without the store's confirmation. */
    void abandon() {
        lane.execute(() -> finish("it was closed, which the store has not confirmed"));
    }

    // --- What comes from outside

    @Override
    public void onChange(Key key, long revision) {
        lane.execute(() -> {
            if (inbound.isAt(key)) {
                inbound.changed();
                proceed();
                return;
            }
            known.changed(revision);
            if (!operation.isRunning() && known.isBehind()) {
                changedByOthers();
            }
        });
    }

    @Override
    public void onWatching(long from) {
        lane.execute(() -> {
            watching = true;
            // An answer that is on its way now may be from before, and what it tells is known for too early a revision.
            known.changed(from);
            known.invalidate();
            if (wasRegistered) {
                inbound.changed();
            }
            proceed();
        });
    }

    @Override
    public void onRewound() {
        lane.execute(known::rewound);
    }

    @Override
    public void onFailure(KvException cause) {
        lane.execute(() -> {
            if (!watching && !wasRegistered && !closed.isDone()) {
                board.failed(String.valueOf(cause.getMessage()), cause);
            }
        });
    }

    @Override
    public void onConnected() {
        lane.execute(() -> {
            if (pauses.isRunning()) {
                pauses.end();
                pauses.reset();
                pauseThenProceed();
            }
        });
    }

    @Override
    public void onClosed() {
        lane.execute(() -> finish("the backend was closed"));
    }

    private void leaseEnded(Lease ended, LeaseEnd end) {
        if (ended != lease || closed.isDone()) {
            return;
        }
        lost(end == LeaseEnd.LOST ? "the lease was lost" : "the lease was revoked");
        pauseThenProceed();
    }

    private void lost(String reason) {
        lease = null;
        known.invalidate();
        if (wasRegistered && board.state() != RegistrationState.CONFLICT) {
            board.set(RegistrationState.LOST, reason);
        }
    }

    // --- The next step

    private void changedByOthers() {
        known.invalidate();
        if (wasRegistered) {
            pauseThenProceed();
        } else {
            proceed();
        }
    }

    private void proceed() {
        switch (phase()) {
            case CLOSED, BUSY, PAUSED, UNWATCHED, GIVEN_UP, IN_CONFLICT, SETTLED -> {}
            case LEAVING -> lastWrite.step(known, board.state());
            case REVOKING -> revoke(requireNonNull(lease));
            case CONFIRMING -> operation.start(inbound.confirm(backend), (nothing, failure) -> proceed());
            case LEFT -> finish(inbound.reason());
            case WITHOUT_LEASE -> grant();
            case UNREAD -> operation.start(claim.read(backend), this::seen);
            case OUTDATED -> update(requireNonNull(known.footing()));
            case REQUESTED -> operation.start(inbound.step(backend), this::served);
        }
    }

    /** The first that applies: the conditions of the table in {@link ReconcilerPhase}, in its order. */
    private ReconcilerPhase phase() {
        if (closed.isDone()) {
            return ReconcilerPhase.CLOSED;
        } else if (operation.isRunning()) {
            return ReconcilerPhase.BUSY;
        } else if (pauses.isRunning()) {
            return ReconcilerPhase.PAUSED;
        } else if (closing) {
            return closingPhase();
        } else if (!watching) {
            return ReconcilerPhase.UNWATCHED;
        } else if (givenUp) {
            return ReconcilerPhase.GIVEN_UP;
        } else if (known.footing() != null && board.state() == RegistrationState.CONFLICT) {
            return ReconcilerPhase.IN_CONFLICT;
        } else if (!isLeaseHeld()) {
            return ReconcilerPhase.WITHOUT_LEASE;
        } else if (known.footing() == null) {
            return ReconcilerPhase.UNREAD;
        } else if (updates.isWaiting()) {
            return ReconcilerPhase.OUTDATED;
        } else if (inbound.isDue()) {
            return ReconcilerPhase.REQUESTED;
        }
        return ReconcilerPhase.SETTLED;
    }

    private ReconcilerPhase closingPhase() {
        if (lastWrite.isDue() && isLeaseHeld() && !givenUp) {
            return ReconcilerPhase.LEAVING;
        } else if (lease != null) {
            return ReconcilerPhase.REVOKING;
        } else if (inbound.isUnconfirmed()) {
            return ReconcilerPhase.CONFIRMING;
        }
        return ReconcilerPhase.LEFT;
    }

    private boolean isLeaseHeld() {
        return lease != null && lease.isHeld();
    }

    private void served(@Nullable Object result, @Nullable Throwable failure) {
        boolean more = inbound.took(result, failure);
        closing |= inbound.isRemoval();
        if (more || failure == null) {
            proceed();
        } else {
            pauseThenProceed();
        }
    }

    private void grant() {
        if (lease != null) {
            // It tells us itself, but has not come to it yet.
            lost("the lease was lost");
        }
        operation.start(backend.grantLease(options.ttl()), (granted, failure) -> {
            if (granted == null) {
                retry(failure);
                return;
            }
            lease = granted;
            claim.nextTerm();
            known.invalidate();
            granted.ended().thenAccept(end -> lane.execute(() -> leaseEnded(granted, end)));
            if (board.state() == RegistrationState.LOST) {
                board.set(RegistrationState.REPAIRING, "the lease was lost, and a new one has been granted");
            }
            proceed();
        });
    }

    private void seen(Claim.@Nullable Seen seen, @Nullable Throwable failure) {
        if (seen == null) {
            retry(failure);
        } else if (closing || lease == null) {
            proceed();
        } else {
            act(seen, lease);
        }
    }

    private void act(Claim.Seen seen, Lease held) {
        PendingUpdates.Version sending = updates.send();
        Claim.Step step = claim.decide(seen, sending.value(), held, known.lastWritten());
        known.exactAt(seen.revision());
        if (step instanceof Claim.Step.Nothing nothing) {
            stand(new Claim.Footing(nothing.claimRevision(), nothing.recordRevision()), sending);
        } else if (step instanceof Claim.Step.Conflict conflict) {
            known.stand(new Claim.Footing(0, 0));
            updates.sentInVain();
            givenUp = conflict.isFinal() || !options.healsAfterConflict();
            if (givenUp) {
                // Before it is told, so that whoever sees the state finds that nothing can be updated any more.
                updates.giveUp(conflict.reason());
            }
            board.set(RegistrationState.CONFLICT, conflict.reason());
            if (known.isBehind()) {
                changedByOthers();
            }
        } else if (step instanceof Claim.Step.Repair repair) {
            // What the last attempt failed with says more than that there is still something to repair.
            boolean told = pauses.isTroubled() && board.state() == RegistrationState.REPAIRING;
            if (wasRegistered && repair.why() != null && !told) {
                board.set(RegistrationState.REPAIRING, repair.why());
            }
            write(repair.txn(), repair.footing(), sending);
        }
    }

    private void update(Claim.Footing standing) {
        PendingUpdates.Version sending = updates.send();
        write(claim.update(standing, sending.value()), new Claim.Footing(standing.claimRevision(), 0), sending);
    }

    private void write(Txn txn, Claim.Footing afterwards, PendingUpdates.Version sending) {
        operation.start(backend.commit(txn), (Commit commit, Throwable failure) -> {
            if (commit == null) {
                if (!(failure instanceof KvException refused && refused.outcome() == Outcome.NOT_APPLIED)) {
                    claim.mayHaveWritten(sending.value());
                }
                retry(failure);
                return;
            }
            known.exactAt(commit.revision());
            stand(afterwards.at(commit), sending);
        });
    }

    /** Both keys are as they shall be. */
    private void stand(Claim.Footing standing, PendingUpdates.Version stored) {
        known.wrote(standing.recordRevision());
        claim.settled();
        wasRegistered = true;
        pauses.wentWell();
        if (lease == null) {
            // Lost while the answer was on its way.
            updates.stored(stored, standing.recordRevision());
            pauseThenProceed();
            return;
        }
        known.stand(standing);
        board.set(RegistrationState.REGISTERED, "the node is in the store");
        // After the state, so that whoever is told that the value is stored finds the node registered.
        updates.stored(stored, standing.recordRevision());
        if (known.isBehind()) {
            changedByOthers();
        } else {
            proceed();
        }
    }

    // --- When it does not go well

    private void retry(@Nullable Throwable failure) {
        known.invalidate();
        updates.sentInVain();
        if (failure instanceof BackendClosedException) {
            finish("the backend was closed");
            return;
        }
        if (failure instanceof LeaseLostException) {
            lost("the lease was lost");
        } else {
            board.attemptFailed(failure, updates.isWaiting());
        }
        pauseThenProceed();
    }

    private void pauseThenProceed() {
        if (closing) {
            proceed();
        } else if (!operation.isRunning() && !closed.isDone()) {
            pauses.begin();
        }
    }

    // --- The end

    private void revoke(Lease last) {
        lease = null;
        operation.start(last.revoke(), (nothing, failure) -> proceed());
    }

    private void finish(String reason) {
        if (closed.isDone()) {
            return;
        }
        operation.end();
        pauses.end();
        if (tracking != null) {
            tracking.close();
        }
        if (lease != null) {
            lease.close();
            lease = null;
        }
        board.set(RegistrationState.CLOSED, reason);
        closed.complete(null);
        updates.close();
    }
}
