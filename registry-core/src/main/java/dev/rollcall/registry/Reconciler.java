package dev.rollcall.registry;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.SerialLane;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store to what a {@link Registration} wants, one operation at a time: get a lease, look at both keys, write what is missing, look
 * again whenever either changes.
 *
 * <p>Attempts are not recorded, only what was read ({@link #footing}, exact up to {@link #knownAt}): any failure, unknown outcome or change by
 * others invalidates it, and the next read decides. {@link Claim} makes sure that one read suffices.
 */
/*
 * Concurrency: everything that changes is confined to lane, except for what StatusBoard and PendingUpdates guard themselves. Operations of the
 * backend, timers, leases and the tracker only queue tasks on it. Nothing on the lane blocks but the user's codec in depart().
 */
final class Reconciler implements KeyTracker.Observer {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);
    /** How often the last value of a kept record is tried to be written, if others keep changing it. */
    private static final int MOST_DEPARTURES = 3;

    private final KvBackend backend;
    private final KeyTracker tracker;
    private final Claim claim;
    private final RegistrationOptions options;
    private final Supplier<Bytes> departed;
    private final SerialLane lane;
    private final StatusBoard board;
    private final PendingUpdates updates;
    private final InboundRequests inbound;
    private final Pauses pauses;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private @Nullable Subscription tracking;
    private @Nullable Lease lease;
    private boolean watching;
    private boolean busy;
    private boolean closing;
    private int departures;
    private boolean wasRegistered;
    private boolean givenUp;

    /** The revisions of our two keys, or null if the store has to be looked at. */
    private Claim.@Nullable Footing footing;

    /** What is known is exact up to here: a change by others has a greater revision. */
    private long knownAt;

    /** The greatest revision of a change of our keys, ours or others', or up to which one may have been missed. */
    private long changedAt;

    private long lastWrittenRevision;

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
        this.departed = departed;
        this.lane = new SerialLane(registryContext.callbacks());
        this.board = new StatusBoard(registryContext, claim.record());
        this.updates = new PendingUpdates(
                registryContext.callbacks(),
                registryContext.context("update", claim.record().path()),
                desired);
        this.inbound = new InboundRequests(requests, claim.incarnation(), obey, lane::execute, this::proceed);
        this.pauses = new Pauses(registryContext, lane, options, this::proceed);
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
            changedAt = Math.max(changedAt, revision);
            if (!busy && changedAt > knownAt) {
                changedByOthers();
            }
        });
    }

    @Override
    public void onWatching(long from) {
        lane.execute(() -> {
            watching = true;
            // An answer that is on its way now may be from before, and what it tells is known for too early a revision.
            changedAt = Math.max(changedAt, from);
            footing = null;
            if (wasRegistered) {
                inbound.changed();
            }
            proceed();
        });
    }

    @Override
    public void onRewound() {
        lane.execute(() -> {
            knownAt = 0;
            changedAt = 0;
        });
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
        footing = null;
        if (wasRegistered && board.state() != RegistrationState.CONFLICT) {
            board.set(RegistrationState.LOST, reason);
        }
    }

    // --- The next step

    private void changedByOthers() {
        footing = null;
        if (wasRegistered) {
            pauseThenProceed();
        } else {
            proceed();
        }
    }

    private void proceed() {
        if (busy || closed.isDone() || pauses.isRunning()) {
            return;
        }
        if (closing) {
            depart();
        } else if (!watching || givenUp || (board.state() == RegistrationState.CONFLICT && footing != null)) {
            return;
        } else if (lease == null || !lease.isHeld()) {
            grant();
        } else if (footing == null) {
            look();
        } else if (updates.isWaiting()) {
            update(footing);
        } else if (inbound.isDue()) {
            start(inbound.step(backend), this::served);
        }
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
        start(backend.grantLease(options.ttl()), (granted, failure) -> {
            if (granted == null) {
                retry(failure);
                return;
            }
            lease = granted;
            claim.nextTerm();
            footing = null;
            granted.ended().thenAccept(end -> lane.execute(() -> leaseEnded(granted, end)));
            if (board.state() == RegistrationState.LOST) {
                board.set(RegistrationState.REPAIRING, "the lease was lost, and a new one has been granted");
            }
            proceed();
        });
    }

    private void look() {
        read((seen, failure) -> {
            if (seen == null) {
                retry(failure);
            } else {
                act(seen);
            }
        });
    }

    private void read(BiConsumer<Claim.@Nullable Seen, @Nullable Throwable> then) {
        start(claim.read(backend), then);
    }

    private void act(Claim.Seen seen) {
        if (closing || lease == null) {
            proceed();
            return;
        }
        PendingUpdates.Version sending = updates.send(claim::canDoubt);
        Claim.Step step = claim.decide(seen, sending.value(), lease, lastWrittenRevision);
        knownAt = seen.revision();
        if (step instanceof Claim.Step.Nothing nothing) {
            stand(new Claim.Footing(nothing.claimRevision(), nothing.recordRevision()), sending);
        } else if (step instanceof Claim.Step.Conflict conflict) {
            footing = new Claim.Footing(0, 0);
            updates.sentInVain();
            givenUp = conflict.isFinal() || !options.healsAfterConflict();
            if (givenUp) {
                // Before it is told, so that whoever sees the state finds that nothing can be updated any more.
                updates.giveUp(conflict.reason());
            }
            board.set(RegistrationState.CONFLICT, conflict.reason());
            if (changedAt > knownAt) {
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
        PendingUpdates.Version sending = updates.send(claim::canDoubt);
        write(claim.update(standing, sending.value()), new Claim.Footing(standing.claimRevision(), 0), sending);
    }

    private void write(Txn txn, Claim.Footing afterwards, PendingUpdates.Version sending) {
        start(backend.commit(txn), (Commit commit, Throwable failure) -> {
            if (commit == null) {
                if (!(failure instanceof KvException known && known.outcome() == Outcome.NOT_APPLIED)) {
                    claim.mayHaveWritten(sending.value());
                }
                retry(failure);
                return;
            }
            knownAt = commit.revision();
            stand(afterwards.at(commit), sending);
        });
    }

    /** Both keys are as they shall be. */
    private void stand(Claim.Footing standing, PendingUpdates.Version stored) {
        lastWrittenRevision = standing.recordRevision();
        claim.settled();
        wasRegistered = true;
        pauses.wentWell();
        if (lease == null) {
            // Lost while the answer was on its way.
            updates.stored(stored, lastWrittenRevision);
            pauseThenProceed();
            return;
        }
        footing = standing;
        board.set(RegistrationState.REGISTERED, "the node is in the store");
        // After the state, so that whoever is told that the value is stored finds the node registered.
        updates.stored(stored, lastWrittenRevision);
        if (changedAt > knownAt) {
            changedByOthers();
        } else {
            proceed();
        }
    }

    // --- When it does not go well

    private void retry(@Nullable Throwable failure) {
        footing = null;
        updates.sentInVain();
        if (failure instanceof BackendClosedException) {
            finish("the backend was closed");
            return;
        }
        if (failure instanceof LeaseLostException) {
            lost("the lease was lost");
        } else {
            String reason = String.valueOf(failure == null ? null : failure.getMessage());
            if (board.state() != RegistrationState.REGISTERED) {
                board.failed(reason, failure);
            } else if (updates.isWaiting()) {
                board.failed("a newer value could not be written yet: " + reason, failure);
            }
        }
        pauseThenProceed();
    }

    private void pauseThenProceed() {
        if (closing) {
            proceed();
        } else if (!busy && !closed.isDone()) {
            pauses.begin();
        }
    }

    // --- The end

    private void depart() {
        if (!claim.keeps() || lease == null || !lease.isHeld() || givenUp || departures++ == MOST_DEPARTURES) {
            revoke();
        } else if (footing == null || changedAt > knownAt) {
            read((seen, failure) -> depart(seen == null ? null : claim.standing(seen)));
        } else {
            depart(board.state() == RegistrationState.REGISTERED ? footing : null);
        }
    }

    private void depart(Claim.@Nullable Footing standing) {
        if (standing == null) {
            revoke();
            return;
        }
        Txn last;
        try {
            last = inbound.isRemoval() ? claim.remove(standing) : claim.depart(standing, claim.checked(departed.get()));
        } catch (Throwable e) {
            // An Error as well: whatever the codec does, the id is to be given free.
            LOG.error(
                    "The codec failed on the last value of '{}', which is left as it is.",
                    Printable.line(claim.record().path()),
                    e);
            revoke();
            return;
        }
        start(backend.commit(last), (commit, failure) -> {
            if (failure instanceof ConditionFailedException) {
                footing = null;
                depart();
            } else {
                revoke();
            }
        });
    }

    private void revoke() {
        if (lease == null) {
            farewell();
            return;
        }
        Lease last = lease;
        lease = null;
        start(last.revoke(), (nothing, failure) -> farewell());
    }

    private void farewell() {
        if (inbound.isRemoval()) {
            start(inbound.confirm(backend), (nothing, failure) -> finish(inbound.reason()));
        } else {
            finish(inbound.reason());
        }
    }

    private void finish(String reason) {
        if (closed.isDone()) {
            return;
        }
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

    /** Starts an operation, and goes on with its result on the lane. */
    private <R> void start(CompletableFuture<R> operation, BiConsumer<@Nullable R, @Nullable Throwable> then) {
        busy = true;
        operation.whenComplete((result, failure) -> lane.execute(() -> {
            busy = false;
            if (!closed.isDone()) {
                then.accept(result, failure == null ? null : Futures.unwrap(failure));
            }
        }));
    }
}
