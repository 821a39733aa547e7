package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease: a session of its own, whose ephemerals its entries are. Since a session's ephemerals can be created by nobody else, it also
 * carries the transactions that use the lease.
 *
 * <p>The holder trusts it for its ttl from the moment at which the last heartbeat that was confirmed had been sent. Heartbeats are
 * barriers: a follower cut off from its leader would go on answering pings while the leader lets the session expire. See {@link LeaseTime}
 * for why the session's timeout is longer than the ttl.
 */
final class LeaseSession implements Lease, Venue, SessionListener {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseSession.class);
    private static final Runnable NOTHING = () -> {};

    /*
     * Concurrency: lock guards every field below it; the session, the timer and whatever waits are called without it.
     */
    private final Store store;
    private final PendingCall<Lease> granting;
    private final Consumer<LeaseSession> onEnded;
    private final Session session;
    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private List<Errand> waiting = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private Duration ttl = Duration.ZERO;
    private long trustedUntil;
    private boolean granted;
    /** Whether the store had gone back in time already when it granted the lease, though nobody had noticed yet. */
    private boolean grantedAfterRewind;

    private boolean beating;
    private @Nullable Subscription timer;
    private @Nullable LeaseEnd end;
    /** Whether its session is to be ended as soon as there is a connection. */
    private boolean endingWhenConnected;

    private boolean over;
    private final List<Runnable> onOver = new ArrayList<>();
    private @Nullable PendingCall<Void> revoking;
    private @Nullable CompletableFuture<Void> revoked;

    LeaseSession(Store store, PendingCall<Lease> granting, Consumer<LeaseSession> onEnded) {
        this.store = store;
        this.granting = granting;
        this.onEnded = onEnded;
        this.session = new Session(
                store.config(), store.opener(), store.chores(), store.threads().time(), SilenceGuard::forLeases, this);
    }

    boolean isOf(Store other) {
        return store == other;
    }

    void open(Duration wanted) {
        session.open(LeaseTime.sessionMillis(wanted));
        store.threads().time().schedule(store.config().timeout(), this::giveUp);
    }

    /** Nobody waits for it any more, and a session that tries for ever to connect would be of no use to anybody. */
    private void giveUp() {
        if (locked(() -> !granted)) {
            end(LeaseEnd.LOST, NOTHING);
        }
    }

    // --- Lease

    @Override
    public String id() {
        return Long.toHexString(session.id());
    }

    @Override
    public Duration ttl() {
        return locked(() -> ttl);
    }

    @Override
    public boolean isHeld() {
        return locked(this::isTrusted);
    }

    /** Called with the lock held. */
    private boolean isTrusted() {
        return granted && end == null && store.threads().time().nanoTime() - trustedUntil < 0;
    }

    @Override
    public CompletionStage<LeaseEnd> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public CompletableFuture<Void> revoke() {
        PendingCall<Void> call;
        CompletableFuture<Void> future;
        lock.lock();
        try {
            if (revoked != null) {
                return revoked.copy();
            }
            if (end != null) {
                return CompletableFuture.completedFuture(null);
            }
            call = store.calls().begin(new Context(store.name(), "revoke", null), true);
            future = call.future();
            revoking = call;
            revoked = future;
        } finally {
            lock.unlock();
        }
        call.sent();
        end(LeaseEnd.REVOKED, NOTHING);
        return future.copy();
    }

    @Override
    public void close() {
        revoke();
    }

    /** The failure of an operation that needs the lease. */
    KvException lost(Context context) {
        return new LeaseLostException(context, id(), null);
    }

    /** These are, or may be, this lease's entries. */
    void holds(Txn txn) {
        lock.lock();
        try {
            for (Write write : txn.writes()) {
                if (write instanceof Write.Put put && put.lease() != null) {
                    paths.add(store.layout().path(write.key()));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // --- Its session

    @Override
    public void run(Errand errand) {
        boolean over;
        lock.lock();
        try {
            over = end != null || (granted && !isTrusted());
            if (!over && !session.isConnected()) {
                waiting.add(errand);
                return;
            }
        } finally {
            lock.unlock();
        }
        if (over) {
            errand.refuse(Code.SESSIONEXPIRED);
        } else {
            errand.run(session);
        }
    }

    @Override
    public void connected(Session which) {
        List<Errand> ready;
        boolean renewed;
        boolean closing;
        lock.lock();
        try {
            ready = waiting;
            waiting = new ArrayList<>();
            renewed = granted;
            closing = endingWhenConnected;
            if (renewed && end == null) {
                regrant();
            }
        } finally {
            lock.unlock();
        }
        if (closing) {
            endSession();
            return;
        }
        if (renewed) {
            tick();
        } else {
            beat();
        }
        ready.forEach(this::run);
    }

    /**
     * Called with the lock held, when a new connection has begun, which may be to a server with other limits: it grants a timeout of its own,
     * and that counts from then on, whatever was confirmed before.
     */
    private void regrant() {
        Duration now = LeaseTime.ttl(session.timeoutMillis());
        if (!now.equals(ttl)) {
            LOG.info("The lease {} on {} has a ttl of {} now instead of {}.", id(), store.name(), now, ttl);
            ttl = now;
        }
        long until = session.connectingSince() + now.toNanos();
        if (until - trustedUntil < 0) {
            trustedUntil = until;
        }
        if (timer != null) {
            timer.close();
        }
    }

    @Override
    public void suspended(Session which) {
        // The time until which it is trusted runs on.
    }

    @Override
    public void ended(Session which, Code cause) {
        if (cause == Code.AUTHFAILED) {
            granting.fail(ZooKeeperErrors.refused(granting.context(), cause));
        }
        end(LeaseEnd.LOST, NOTHING);
        // The server itself says so, hence its entries are gone.
        over(cause == Code.SESSIONEXPIRED, 0);
    }

    @Override
    public void unreachable(Session which, int attempts, String reasons) {
        String sentence = attempts + " attempts to connect have failed (" + reasons + ")";
        granting.unsent(sentence, null);
        locked(() -> List.copyOf(waiting)).forEach(errand -> errand.delayed(sentence));
    }

    @Override
    public void event(Session which, WatchedEvent event) {
        // A lease watches nothing.
    }

    // --- Time

    private void beat() {
        // Before it is sent: what others are told meanwhile may be later than its answer.
        long seen = store.memory().seen();
        long sentAt = store.threads().time().nanoTime();
        lock.lock();
        try {
            if (beating || end != null) {
                return;
            }
            beating = true;
        } finally {
            lock.unlock();
        }
        session.barrier(reply -> beaten(reply, sentAt, seen));
    }

    private void beaten(Reply reply, long sentAt, long seen) {
        boolean first = false;
        boolean lost = false;
        lock.lock();
        try {
            beating = false;
            if (reply.answered() && reply.code() == Code.SESSIONEXPIRED) {
                lost = true;
            } else if (reply.isOk() && end == null) {
                first = !granted;
                if (first) {
                    ttl = LeaseTime.ttl(session.timeoutMillis());
                    grantedAfterRewind = reply.zxid() < seen;
                } else {
                    lost = !isTrusted();
                }
                if (!lost) {
                    granted = true;
                    trustedUntil = sentAt + ttl.toNanos();
                    lost = !isTrusted();
                }
            }
        } finally {
            lock.unlock();
        }
        if (lost) {
            end(LeaseEnd.LOST, NOTHING);
        } else if (first) {
            grant();
        }
    }

    private void grant() {
        if (granting.isDone()) {
            // Nobody waits for it any more, so nobody would ever revoke it.
            end(LeaseEnd.REVOKED, NOTHING);
            return;
        }
        tick();
        granting.complete(this);
    }

    /** Sends the next heartbeat in time, and gives the lease up when it can be trusted no more. */
    private void tick() {
        lock.lock();
        try {
            if (end != null) {
                return;
            }
            if (isTrusted()) {
                long left = trustedUntil - store.threads().time().nanoTime();
                long next = Math.min(left, ttl.toNanos() / LeaseTime.BEATS);
                timer = store.threads().time().schedule(Duration.ofNanos(Math.max(next, 1)), this::tick);
            }
        } finally {
            lock.unlock();
        }
        if (isHeld()) {
            beat();
        } else {
            end(LeaseEnd.LOST, NOTHING);
        }
    }

    // --- Its end

    /** The store has gone back in time: entries may be missing, so the lease is worth nothing, and what is left of them is taken away. */
    void rewound(String reason) {
        boolean lost;
        lock.lock();
        try {
            lost = granted && end == null && !grantedAfterRewind;
            grantedAfterRewind = false;
        } finally {
            lock.unlock();
        }
        if (lost) {
            LOG.warn("{}: lease {} is lost: the store is not the one that granted it: {}.", store.name(), id(), reason);
            end(LeaseEnd.LOST, NOTHING);
        }
    }

    /** Ends it, unless it has ended; {@code confirmed} runs when the server has confirmed that, or will not be asked any more. */
    void end(LeaseEnd how, Runnable confirmed) {
        List<Errand> refused;
        boolean again;
        boolean done;
        lock.lock();
        try {
            again = end != null;
            done = over;
            if (!again) {
                end = how;
            }
            if (!done) {
                onOver.add(confirmed);
            }
            refused = waiting;
            waiting = new ArrayList<>();
            if (timer != null) {
                timer.close();
            }
        } finally {
            lock.unlock();
        }
        if (done) {
            confirmed.run();
        }
        if (again) {
            return;
        }
        if (how == LeaseEnd.LOST) {
            store.threads().callbacks().execute(() -> ended.complete(how));
        }
        refused.forEach(errand -> errand.refuse(Code.SESSIONEXPIRED));
        endSession();
    }

    private void endSession() {
        session.end(reply -> {
            if (reply.answered()) {
                over(true, reply.zxid());
            } else if (reply.sent() || !awaitConnection()) {
                over(false, 0);
            }
        });
    }

    /**
     * Has the session ended as soon as there is a connection, so that the entries of a lease that was revoked do not stay for the rest of the
     * ttl because of a hiccup. Returns false if there is no use in waiting.
     */
    private boolean awaitConnection() {
        Duration wait;
        boolean first;
        lock.lock();
        try {
            if (over || end != LeaseEnd.REVOKED || !granted) {
                return false;
            }
            first = !endingWhenConnected;
            endingWhenConnected = true;
            wait = Duration.ofMillis(session.timeoutMillis());
        } finally {
            lock.unlock();
        }
        if (first) {
            // Then the server has ended it by itself, or nobody will.
            store.threads().time().schedule(wait, () -> over(false, 0));
        }
        if (session.isConnected()) {
            endSession();
        }
        return true;
    }

    /** Nothing more is done for it: its session has ended, or is let go of. */
    private void over(boolean confirmed, long zxid) {
        PendingCall<Void> call;
        List<String> gone;
        List<Runnable> told;
        lock.lock();
        try {
            if (over) {
                return;
            }
            over = true;
            call = revoking;
            gone = List.copyOf(paths);
            told = List.copyOf(onOver);
            onOver.clear();
        } finally {
            lock.unlock();
        }
        if (confirmed) {
            store.floor().raise(zxid);
            store.pruner().pruneAbove(gone);
        } else {
            session.abandon();
            // By then its entries are gone as well.
            store.pruner().pruneAbove(gone, Duration.ofMillis(2L * session.timeoutMillis()));
        }
        store.threads().callbacks().execute(() -> ended.complete(confirmed ? LeaseEnd.REVOKED : LeaseEnd.LOST));
        if (call != null && confirmed) {
            call.complete(nothing());
        } else if (call != null) {
            call.fail(new UnavailableException(
                    call.context(),
                    Outcome.UNKNOWN,
                    "there was no connection on which the server could have confirmed it; the entries go after the ttl",
                    null));
        }
        onEnded.accept(this);
        told.forEach(Runnable::run);
    }

    /** Lets go of it without waiting for the server any longer. */
    void abandon() {
        over(false, 0);
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("NullAway") // Void has no other value.
    private static Void nothing() {
        return null;
    }
}
