package dev.rollcall.inmemory;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ConnectionTracker;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One client's handle on an {@link InMemoryStore}, with leases, watches and a connection of its own.
 *
 * <p>As long as nothing is at {@linkplain #faults() fault}, an operation has its effect in the thread that calls it, and returns a future that is complete
 * already. Otherwise it behaves like a remote store: the future completes later, on a callback thread.
 */
public final class InMemoryBackend implements KvBackend {
    private static final Set<Capability> CAPABILITIES = Set.copyOf(EnumSet.allOf(Capability.class));
    private static final Limits LIMITS = new Limits(Duration.ofMillis(10), Duration.ofDays(1));

    private final String name;
    private final StoreData storeData;
    private final HandleThreads threads;
    private final PendingCalls pending;
    private final ConnectionTracker connection;
    private final Presence presence;
    private final FaultyConnection faultyConnection;
    private final Faults faults;

    InMemoryBackend(String name, StoreData storeData, HandleThreads threads, Duration timeout) {
        this.name = name;
        this.storeData = storeData;
        this.threads = threads;
        this.pending = new PendingCalls(timeout, threads.time(), threads.callbacks());
        this.connection = new ConnectionTracker(threads.time(), threads.callbacks());
        this.presence = new Presence(storeData);
        this.faultyConnection = new FaultyConnection(pending, threads.time(), presence);
        this.faults = new Faults(this, faultyConnection, presence, connection);
        connection.connected();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    /** The faults of this handle's connection, for tests of the application's own failure code. */
    public Faults faults() {
        return faults;
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        requireNonNull(key, "key");
        requireNonNull(consistency, "consistency");
        if (faultyConnection.isClear()) {
            return CompletableFuture.completedFuture(storeData.state().get(key));
        }
        return faultyConnection
                .submit(
                        Context.of(name, "get", key),
                        false,
                        false,
                        () -> storeData.state().get(key))
                .call
                .future();
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        requireNonNull(directory, "directory");
        requireNonNull(consistency, "consistency");
        if (faultyConnection.isClear()) {
            return CompletableFuture.completedFuture(storeData.state().list(directory));
        }
        return faultyConnection
                .submit(
                        Context.of(name, "list", directory),
                        false,
                        false,
                        () -> storeData.state().list(directory))
                .call
                .future();
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        requireNonNull(txn, "txn");
        HeldLease lease = txn.lease() == null ? null : own(txn.lease());
        Context context = context(txn);
        if (lease != null && !lease.isHeld() && !faultyConnection.isClosed()) {
            return CompletableFuture.failedFuture(new LeaseLostException(context, lease.id(), null));
        }
        StoredLease stored = lease == null ? null : lease.stored();
        return write(context, true, () -> storeData.commit(context, txn, stored));
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        requireNonNull(directory, "directory");
        requireNonNull(start, "start");
        requireNonNull(listener, "listener");
        StoreWatch watch = start instanceof WatchStart.History after
                ? new HistoryWatch(
                        name,
                        directory,
                        after.revision(),
                        listener,
                        threads.callbacks(),
                        storeData.history(),
                        presence::forget)
                : new StateWatch(name, directory, start, listener, threads.callbacks(), presence::forget);
        faultyConnection.lock.lock();
        try {
            if (!faultyConnection.isClosed()) {
                presence.add(watch, faultyConnection.isAlive());
                return watch;
            }
        } finally {
            faultyConnection.lock.unlock();
        }
        watch.closeWith(closedException("watch"));
        return watch;
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        Duration granted = LIMITS.clamp(ttl);
        Supplier<HeldLease> effect = () -> grant(granted);
        if (faultyConnection.isClear()) {
            return CompletableFuture.completedFuture(effect.get());
        }
        // A lease that its caller gave up on would be kept alive for nobody until the handle is closed.
        Context context = new Context(name, "grantLease", null);
        return Futures.map(
                faultyConnection
                        .submit(context, true, false, effect, lease -> lease.abandon(true))
                        .call
                        .future(),
                lease -> lease);
    }

    /** How many leases are kept alive. */
    int leases() {
        return presence.leases().size();
    }

    HandleThreads threads() {
        return threads;
    }

    PendingCalls calls() {
        return pending;
    }

    private HeldLease grant(Duration ttl) {
        HeldLease lease = new HeldLease(this, storeData.grant(), ttl, threads);
        faultyConnection.lock.lock();
        try {
            // Granted just before the handle was closed: it is over before its caller sees it.
            if (faultyConnection.isClosed()) {
                lease.abandon(true);
            } else {
                presence.add(lease, faultyConnection.isAlive());
            }
        } finally {
            faultyConnection.lock.unlock();
        }
        return lease;
    }

    @Override
    public ConnectionStatus connection() {
        return connection.status();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return connection.subscribe(listener);
    }

    @Override
    public void close() {
        faultyConnection.close(closedException("watch"));
        pending.close();
        connection.closed();
        threads.close();
    }

    CompletableFuture<Void> revoke(HeldLease lease) {
        return write(new Context(name, "revoke", null), false, () -> {
            forget(lease);
            return null;
        });
    }

    /** Ends a lease at the store, now that its holder no longer relies on it. */
    void forget(HeldLease lease) {
        storeData.end(lease.stored());
        presence.forget(lease);
    }

    private <T extends @Nullable Object> CompletableFuture<T> write(
            Context context, boolean transaction, Supplier<T> effect) {
        if (faultyConnection.isClear()) {
            try {
                return CompletableFuture.completedFuture(effect.get());
            } catch (KvException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        return faultyConnection.submit(context, true, transaction, effect).call.future();
    }

    HeldLease own(Lease lease) {
        if (lease instanceof HeldLease held && held.backend() == this) {
            return held;
        }
        throw new IllegalArgumentException(
                "The lease " + lease.id() + " was granted by another handle than this one on " + name + ".");
    }

    private Context context(Txn txn) {
        boolean one = txn.writes().size() == 1;
        return new Context(
                name, txn.operation(), one ? txn.writes().get(0).key().path() : null);
    }

    private BackendClosedException closedException(String operation) {
        return new BackendClosedException(new Context(name, operation, null), Outcome.NOT_APPLIED);
    }

    @Override
    public String toString() {
        return "InMemoryBackend[" + name + ", " + connection().state() + "]";
    }
}
