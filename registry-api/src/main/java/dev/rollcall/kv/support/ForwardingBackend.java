package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A handle that does what another one does: the base of those that change, count or record something of it. A subclass overrides what it does
 * differently.
 *
 * <p>What a backend must write is forwarded, and {@link #diagnose()}. The methods that {@code KvBackend} builds on those are built on <em>this</em> object's, and
 * not forwarded: {@code create}, {@code put}, {@code modify} and the other writes end in {@link #commit} of the subclass, {@code keys} and {@code children} in its
 * {@link #list}. So whoever overrides {@code commit} sees every write, and a method that {@code KvBackend} gets later, with a default, cannot go past it.
 * The price: what the other handle overrides in order to be faster is not used. A subclass that leaves the entries of a list as they are may forward {@code keys} and
 * {@code children} itself, which spares the values. See decision 0170.
 *
 * <p>Futures, watches and leases are those of the other handle, so this one keeps the contract, threads included, unless the subclass breaks it. Run the test kit on
 * the subclass, with {@code ForwardingTestStore}.
 */
public abstract class ForwardingBackend implements KvBackend {
    private final KvBackend delegate;

    /** @param delegate does everything; is closed with this */
    protected ForwardingBackend(KvBackend delegate) {
        this.delegate = requireNonNull(delegate, "delegate");
    }

    /** The handle that does everything. */
    protected final KvBackend delegate() {
        return delegate;
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return delegate.capabilities();
    }

    @Override
    public Limits limits() {
        return delegate.limits();
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return delegate.get(key, consistency);
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return delegate.list(directory, consistency);
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        return delegate.commit(txn);
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return delegate.watch(directory, start, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        return delegate.grantLease(ttl);
    }

    @Override
    public ConnectionStatus connection() {
        return delegate.connection();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return delegate.onConnection(listener);
    }

    @Override
    public CompletableFuture<Diagnosis> diagnose() {
        return delegate.diagnose();
    }

    @Override
    public void close() {
        delegate.close();
    }

    /** That of the other handle. */
    @Override
    public String toString() {
        return delegate.toString();
    }
}
