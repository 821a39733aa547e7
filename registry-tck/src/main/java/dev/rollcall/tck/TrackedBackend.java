package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Passes every call on and remembers the futures, watches and leases that it returned, so that a test can check in the end that all have ended. */
public final class TrackedBackend implements KvBackend {
    private static final int PRUNE_EVERY = 10_000;

    private final KvBackend handle;
    private final Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<Lease>> leases = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();

    /** Tracks a handle; leases and watches are the handle's own. */
    public TrackedBackend(KvBackend handle) {
        this.handle = handle;
    }

    KvBackend handle() {
        return handle;
    }

    /** The futures that are not complete. */
    public List<CompletableFuture<?>> pending() {
        return futures.stream().filter(future -> !future.isDone()).toList();
    }

    /** The leases granted here that have not told their end. */
    public List<Lease> heldLeases() {
        return leases.stream()
                .filter(future -> future.isDone() && !future.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .filter(lease -> !lease.ended().toCompletableFuture().isDone())
                .toList();
    }

    private <T> CompletableFuture<T> track(CompletableFuture<T> future) {
        if (future == null) {
            throw new RuleViolation("LIFE-1", "The backend returned null instead of a future.");
        }
        if (calls.incrementAndGet() % PRUNE_EVERY == 0) {
            futures.removeIf(CompletableFuture::isDone);
        }
        futures.add(future);
        return future;
    }

    @Override
    public String name() {
        return handle.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return handle.capabilities();
    }

    @Override
    public Limits limits() {
        return handle.limits();
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return track(handle.get(key, consistency));
    }

    @Override
    public CompletableFuture<GetResult> get(Key key) {
        return track(handle.get(key));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return track(handle.list(directory, consistency));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory) {
        return track(handle.list(directory));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return track(handle.keys(directory));
    }

    @Override
    public CompletableFuture<List<String>> children(Directory directory) {
        return track(handle.children(directory));
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        return track(handle.commit(txn));
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value) {
        return track(handle.create(key, value));
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value, Lease lease) {
        return track(handle.create(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value) {
        return track(handle.update(key, value));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value, long expectedRevision) {
        return track(handle.update(key, value, expectedRevision));
    }

    @Override
    public CompletableFuture<KeyValue> modify(Key key, UnaryOperator<Bytes> change) {
        return track(handle.modify(key, change));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value) {
        return track(handle.put(key, value));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value, Lease lease) {
        return track(handle.put(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key) {
        return track(handle.delete(key));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key, long expectedRevision) {
        return track(handle.delete(key, expectedRevision));
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return handle.watch(directory, start, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        CompletableFuture<Lease> granted = track(handle.grantLease(ttl));
        leases.add(granted);
        return granted;
    }

    @Override
    public ConnectionStatus connection() {
        return handle.connection();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return handle.onConnection(listener);
    }

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return track(handle.diagnose());
    }

    @Override
    public void close() {
        handle.close();
    }

    @Override
    public String toString() {
        return handle.name();
    }
}
