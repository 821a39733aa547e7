package dev.rollcall.micrometer;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A backend that measures another one and otherwise is it: the same leases and watches, and futures that the same threads complete with the same results or
 * exceptions, each once it was measured: what the caller attaches to them, and however long that takes, is not part of it. It keeps the contract that the other
 * one keeps, which the test kit proves.
 *
 * <table>
 *   <caption>The meters; all have the tags given, or {@code store} with the backend's name</caption>
 *   <tr><th>name</th><th>kind</th><th>further tags</th><th>is</th></tr>
 *   <tr><td>{@code rollcall.operations}</td><td>timer</td><td>{@code operation}; {@code outcome}: {@code ok}, {@code not_applied}, {@code unknown}, or {@code
 *       cancelled} by the caller; {@code exception}: the class, or {@code none}</td><td>from the call until the backend completes it</td></tr>
 *   <tr><td>{@code rollcall.watches}</td><td>long task timer</td><td></td><td>the watches that are active</td></tr>
 *   <tr><td>{@code rollcall.watch.resyncs}</td><td>counter</td><td></td><td>snapshots that took the place of changes, after a gap</td></tr>
 *   <tr><td>{@code rollcall.watch.lag}</td><td>timer</td><td></td><td>from the acknowledgement of a write of this handle until one of its watches brings it;
 *       zero if that came first. What was replaced before it could be brought does not count</td></tr>
 *   <tr><td>{@code rollcall.leases}</td><td>long task timer</td><td></td><td>the leases that are held</td></tr>
 *   <tr><td>{@code rollcall.leases.lost}</td><td>counter</td><td></td><td>leases that ended otherwise than by being revoked</td></tr>
 *   <tr><td>{@code rollcall.connections}</td><td>long task timer</td><td></td><td>the handles that are connected</td></tr>
 *   <tr><td>{@code rollcall.connections.lost}</td><td>counter</td><td></td><td>how often a connection was lost</td></tr>
 * </table>
 *
 * <p>Handles with the same tags are counted together. No key, value or message is part of a tag, so their number is bounded. The backend is used through this
 * object alone; leases are the backend's own, hence also of this handle.
 */
public final class MeteredBackend extends ForwardingBackend {
    private final OperationTimers timers;
    private final HandleMeters meters;

    private MeteredBackend(KvBackend backend, MeterRegistry registry, Tags tags) {
        super(backend);
        this.timers = new OperationTimers(registry, tags);
        this.meters = new HandleMeters(registry, tags);
    }

    /** Measures a backend, with the tag {@code store} for its name. */
    public static MeteredBackend of(KvBackend backend, MeterRegistry registry) {
        return of(backend, registry, Tags.of("store", backend.name()));
    }

    /** Measures a backend, with these tags. The backend is closed with this one. */
    public static MeteredBackend of(KvBackend backend, MeterRegistry registry, Tags tags) {
        MeteredBackend metered = new MeteredBackend(backend, registry, tags);
        backend.onConnection(metered.meters.connection());
        return metered;
    }

    // --- Reads

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return timers.time("get", () -> delegate().get(key, consistency));
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return timers.time("list", () -> delegate().list(directory, consistency));
    }

    @Override
    public CompletableFuture<KeyListing> keys(Directory directory) {
        return timers.time("keys", () -> delegate().keys(directory));
    }

    @Override
    public CompletableFuture<List<String>> children(Directory directory) {
        return timers.time("children", () -> delegate().children(directory));
    }

    // --- Writes; each by the backend's own method, which may be quicker than what it is built on. Of modify, each
    // attempt counts as a get and an update.

    private CompletableFuture<Commit> write(String operation, Supplier<CompletableFuture<Commit>> call) {
        return timers.time(operation, call, commit -> meters.lag().acknowledged(commit.revision()));
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        Supplier<CompletableFuture<Commit>> call = () -> delegate().commit(txn);
        return txn.writes().isEmpty() ? timers.time(txn.operation(), call) : write(txn.operation(), call);
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value) {
        return write("create", () -> delegate().create(key, value));
    }

    @Override
    public CompletableFuture<Commit> create(Key key, Bytes value, Lease lease) {
        return write("create", () -> delegate().create(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value) {
        return write("update", () -> delegate().update(key, value));
    }

    @Override
    public CompletableFuture<Commit> update(Key key, Bytes value, long expectedRevision) {
        return write("update", () -> delegate().update(key, value, expectedRevision));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value) {
        return write("put", () -> delegate().put(key, value));
    }

    @Override
    public CompletableFuture<Commit> put(Key key, Bytes value, Lease lease) {
        return write("put", () -> delegate().put(key, value, lease));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key) {
        return write("delete", () -> delegate().delete(key));
    }

    @Override
    public CompletableFuture<Commit> delete(Key key, long expectedRevision) {
        return write("delete", () -> delegate().delete(key, expectedRevision));
    }

    // --- Watches and leases

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        MeteredListener metered = new MeteredListener(requireNonNull(listener, "listener"), meters);
        try {
            return delegate().watch(directory, start, metered);
        } catch (RuntimeException e) {
            metered.over();
            throw e;
        }
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        return timers.time("grantLease", () -> delegate().grantLease(ttl), meters::granted);
    }

    // --- Lifecycle

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return timers.time("diagnose", delegate()::diagnose);
    }
}
