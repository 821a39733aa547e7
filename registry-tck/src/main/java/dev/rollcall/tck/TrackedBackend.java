package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Remembers the futures and leases that a handle has returned, so that a test can check in the end that all have ended. Each method is the handle's own, and not
 * built on {@code commit}, since that is what is tested.
 */
public final class TrackedBackend extends ForwardingBackend {
    private static final int PRUNE_EVERY = 10_000;

    private final Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<Lease>> leases = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();

    /** Tracks a handle; leases and watches are the handle's own. */
    public TrackedBackend(KvBackend handle) {
        super(handle);
    }

    KvBackend handle() {
        return delegate();
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
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return track(delegate().get(key, consistency));
    }

    @Override
    public CompletableFuture<GetResult> get(Key key) {
        return track(delegate().get(key));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return track(delegate().list(directory, consistency));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory) {
        return track(delegate().list(directory));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return track(delegate().keys(directory));
    }

    @Override
    public CompletableFuture<List<String>> children(Directory directory) {
        return track(delegate().children(directory));
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        return track(delegate().commit(txn));
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value) {
        return track(delegate().create(key, value));
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value, Lease lease) {
        return track(delegate().create(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value) {
        return track(delegate().update(key, value));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value, long expectedRevision) {
        return track(delegate().update(key, value, expectedRevision));
    }

    @Override
    public CompletableFuture<KeyValue> modify(Key key, UnaryOperator<Bytes> change) {
        return track(delegate().modify(key, change));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value) {
        return track(delegate().put(key, value));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value, Lease lease) {
        return track(delegate().put(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key) {
        return track(delegate().delete(key));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key, long expectedRevision) {
        return track(delegate().delete(key, expectedRevision));
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        CompletableFuture<Lease> granted = track(delegate().grantLease(ttl));
        leases.add(granted);
        return granted;
    }

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return track(delegate().diagnose());
    }

    @Override
    public String toString() {
        return delegate().name();
    }
}
