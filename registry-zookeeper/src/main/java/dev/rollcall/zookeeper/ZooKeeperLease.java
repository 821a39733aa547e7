package dev.rollcall.zookeeper;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/** A lease: a share in a session's ephemerals. It is trusted as long as the session is, and ends with it at the latest. */
final class ZooKeeperLease implements Lease, SessionRunner {
    /*
     * Concurrency: lock guards every field below it; nothing else is called with it held.
     */
    private final ZooKeeperContext store;
    private final LeaseSession home;
    private final LeaseEntries entries;
    private final LeaseEntries.Share share = new LeaseEntries.Share();
    private final String id;
    private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable LeaseEnd end;
    private @Nullable String reason;
    private @Nullable PendingCall<Void> revoking;
    private @Nullable CompletableFuture<Void> revoked;

    ZooKeeperLease(ZooKeeperContext store, LeaseSession home, LeaseEntries entries, String id) {
        this.store = store;
        this.home = home;
        this.entries = entries;
        this.id = id;
    }

    boolean isOf(ZooKeeperContext other) {
        return store == other;
    }

    LeaseEntries.Share share() {
        return share;
    }

    // --- Lease

    /** The session's id and the number of the lease in it. */
    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration ttl() {
        return home.ttl();
    }

    @Override
    public boolean isHeld() {
        return !hasEnded() && home.isTrusted();
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return end != null;
        } finally {
            lock.unlock();
        }
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
                return Futures.map(revoked, nothing -> nothing);
            }
            if (end != null) {
                return CompletableFuture.completedFuture(null);
            }
            call = store.calls().begin(new Context(store.name(), "revoke", null), true);
            future = call.future();
            revoking = call;
            revoked = future;
            end = LeaseEnd.REVOKED;
        } finally {
            lock.unlock();
        }
        call.sent();
        home.revoke(this);
        return Futures.map(future, nothing -> nothing);
    }

    @Override
    public void close() {
        revoke();
    }

    // --- Its writes

    @Override
    public void run(SessionTask sessionTask) {
        home.run(sessionTask, this);
    }

    /** Whether it has had an entry at this path, which others may have deleted. */
    boolean has(String path) {
        return entries.has(share, path);
    }

    /** Whether a node is an entry of this lease. */
    boolean keeps(String path, Znode node) {
        return node.stat() != null
                && node.owner() == home.sessionId()
                && entries.owns(share, path, node.stat().getCzxid());
    }

    /** A write is about to leave. May be called under the session's lock. */
    LeaseEntries.Departure depart(Object write, List<Op> ops) {
        return entries.depart(share, write, ops);
    }

    /** A write will not leave after all. */
    void withdraw(Object write) {
        entries.withdraw(write);
    }

    /** What became of a write that has left. */
    void arrived(Object write, WriteResult written) {
        entries.arrived(write, written);
    }

    /** Has entries forgotten that others have deleted, and then does what is next. */
    void makeRoom(Runnable next) {
        home.makeRoom(next);
    }

    /** The failure of an operation that needs the lease. */
    KvException lost(Context context) {
        String why;
        lock.lock();
        try {
            why = reason;
        } finally {
            lock.unlock();
        }
        KvException cause = why == null
                ? null
                : new UnavailableException(
                        new Context(store.name(), "lease " + id, null), Outcome.NOT_APPLIED, why, null);
        return new LeaseLostException(context, id, cause);
    }

    // --- Its end

    /** Says that it is lost, unless it has ended already; returns whether that was so. */
    boolean lose(String why) {
        lock.lock();
        try {
            if (end != null) {
                return false;
            }
            end = LeaseEnd.LOST;
            reason = why;
        } finally {
            lock.unlock();
        }
        store.threads().callbacks().execute(() -> ended.complete(LeaseEnd.LOST));
        return true;
    }

    /** The handle ends it, and will say when that is confirmed. */
    void closeWithHandle() {
        lock.lock();
        try {
            end = end == null ? LeaseEnd.REVOKED : end;
        } finally {
            lock.unlock();
        }
    }

    /** Whether its holder has ended it. */
    boolean isRevoked() {
        lock.lock();
        try {
            return end == LeaseEnd.REVOKED;
        } finally {
            lock.unlock();
        }
    }

    /** Its entries are gone, or, if that is not confirmed, nothing more is done about them. */
    void over(boolean confirmed) {
        if (!isRevoked()) {
            return;
        }
        PendingCall<Void> call = revoking();
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
    }

    /** Its entries cannot be deleted now; they go with the session at the latest. */
    void refuseRevocation(Function<Context, KvException> failure) {
        PendingCall<Void> call = revoking();
        if (call != null) {
            call.fail(failure.apply(call.context()));
        }
    }

    private @Nullable PendingCall<Void> revoking() {
        lock.lock();
        try {
            return revoking;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("NullAway") // Void has no other value.
    private static Void nothing() {
        return null;
    }
}
