package dev.rollcall.zookeeper;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCall;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/** One client's handle on a store in ZooKeeper. */
final class ZooKeeperBackend implements KvBackend {
    private static final Limits LIMITS = new Limits(LeaseTime.SHORTEST, LeaseTime.LONGEST);
    static final long PATIENCE_AT_CLOSE_MILLIS = 600;
    /** Of these, what is kept for empty directories and for the end of the session, and for the latter alone. */
    private static final long PATIENCE_FOR_PRUNING_MILLIS = 250;

    private static final long PATIENCE_FOR_END_MILLIS = 100;

    /* Concurrency: closed decides who closes. */
    private final ZooKeeperContext store;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ZooKeeperBackend(
            ZooKeeperConfig config, Transport.Opener opener, HandleThreads threads, ClientThreads clients) {
        this.store = new ZooKeeperContext(config, opener, threads, clients);
    }

    /** @param threads are the handle's own, and end with it, or if this fails */
    static ZooKeeperBackend open(ZooKeeperConfig config, Transport.Opener opener, HandleThreads threads) {
        return open(config, opener, threads, new ClientThreads());
    }

    /** @param clients are the handle's own as well */
    static ZooKeeperBackend open(
            ZooKeeperConfig config, Transport.Opener opener, HandleThreads threads, ClientThreads clients) {
        boolean opened = false;
        try {
            ZooKeeperBackend backend = new ZooKeeperBackend(config, opener, threads, clients);
            backend.store.connection().open();
            opened = true;
            return backend;
        } finally {
            // There may be no memory for another thread.
            if (!opened) {
                threads.close();
                clients.close();
            }
        }
    }

    /** ZooKeeper's name for the session that leases have no part in; 0 before the first connection. */
    long sessionId() {
        return store.connection().sessionId();
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        Context context = Context.of(store.name(), "get", key);
        requireNonNull(consistency, "consistency");
        PendingCall<GetResult> call = store.calls().begin(context, false);
        if (!call.isDone()) {
            new GetRun(store, call, key, consistency == ReadConsistency.LINEARIZABLE).start();
        }
        return call.future();
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        Context context = Context.of(store.name(), "list", directory);
        boolean fresh = requireNonNull(consistency, "consistency") == ReadConsistency.LINEARIZABLE;
        PendingCall<Snapshot> call = store.calls().begin(context, false);
        if (!call.isDone()) {
            new ConsistentListing(store, directory, fresh, call::isDone, new ConsistentListing.Outcome() {
                        @Override
                        public void listed(Tree tree) {
                            store.watermark().raise(tree.zxid());
                            Snapshot snapshot = tree.snapshot();
                            call.complete(snapshot);
                            store.feed().compare(snapshot);
                        }

                        @Override
                        public void exhausted(OutOfMemoryError cause) {
                            call.fail(ZooKeeperErrors.exhausted(context, cause));
                        }

                        @Override
                        public void delayed(String reason) {
                            call.unsent(reason, null);
                        }

                        @Override
                        public void failed(Code code, @Nullable String node) {
                            call.fail(ZooKeeperErrors.refused(context, code, node));
                        }
                    })
                    .start();
        }
        return call.future();
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        Lease lease = txn.lease();
        ZooKeeperLease owner = null;
        if (lease != null) {
            if (!(lease instanceof ZooKeeperLease known) || !known.isOf(store)) {
                throw new IllegalArgumentException("The lease " + lease.id() + " was not granted by this handle.");
            }
            owner = known;
        }
        PendingCall<Commit> call = store.calls().begin(context(txn), true);
        if (!call.isDone()) {
            Function<String, List<ACL>> acls;
            try {
                acls = store.access().of(txn);
            } catch (RuntimeException e) {
                call.fail(new KvException(
                        call.context(),
                        Outcome.NOT_APPLIED,
                        false,
                        "the application could not say which permissions the nodes shall have: " + e,
                        e));
                return call.future();
            }
            new CommitRun(store, call, txn, acls, owner).start();
        }
        return call.future();
    }

    private Context context(Txn txn) {
        List<Key> keys = txn.writes().isEmpty()
                ? txn.conditions().stream().map(condition -> condition.key()).toList()
                : txn.writes().stream().map(write -> write.key()).toList();
        return new Context(
                store.name(), txn.operation(), keys.size() == 1 ? keys.get(0).path() : null);
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        requireNonNull(directory, "directory");
        requireNonNull(start, "start");
        requireNonNull(listener, "listener");
        return store.feed().watch(directory, start, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        Duration wanted = LIMITS.clamp(ttl);
        PendingCall<Lease> call = store.calls().begin(new Context(store.name(), "grantLease", null), false);
        if (!call.isDone()) {
            store.leases().grant(wanted, call);
        }
        return call.future();
    }

    @Override
    public ConnectionStatus connection() {
        return store.tracker().status();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return store.tracker().subscribe(listener);
    }

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return new ZooKeeperDiagnoser(store).diagnose();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        List<LeaseSession> held = store.leases().close();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_AT_CLOSE_MILLIS);
        CountDownLatch revoked = new CountDownLatch(held.size());
        store.feed().close();
        held.forEach(session -> session.end(LeaseEnd.REVOKED, "the handle was closed", revoked::countDown));
        store.calls().close();
        awaitBriefly(revoked, deadline - TimeUnit.MILLISECONDS.toNanos(PATIENCE_FOR_PRUNING_MILLIS));
        if (store.tracker().status().state() == ConnectionState.CONNECTED) {
            CountDownLatch pruned = new CountDownLatch(1);
            prune(pruned::countDown);
            awaitBriefly(pruned, deadline - TimeUnit.MILLISECONDS.toNanos(PATIENCE_FOR_END_MILLIS));
        }
        CountDownLatch confirmed = new CountDownLatch(1);
        store.connection().close(reply -> confirmed.countDown());
        awaitBriefly(confirmed, deadline);
        awaitBriefly(revoked, deadline);
        held.forEach(LeaseSession::abandon);
        store.connection().abandon();
        store.close();
    }

    /** Removes the directories that this handle has left empty, without a pause. */
    void prune(Runnable done) {
        store.pruner().flush(done);
    }

    private static void awaitBriefly(CountDownLatch confirmed, long deadline) {
        boolean interrupted = Thread.interrupted();
        try {
            // The result does not matter: what has not been confirmed by then expires.
            boolean all = confirmed.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            interrupted |= !all && Thread.interrupted();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return store.name();
    }
}
