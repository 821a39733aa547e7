package dev.rollcall.registry;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
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

/** A handle that does all by another one; a test overrides what it wants to happen at a moment of its choice. */
public class ForwardingBackend implements KvBackend {
    private final KvBackend real;

    protected ForwardingBackend(KvBackend real) {
        this.real = real;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return real.capabilities();
    }

    @Override
    public Limits limits() {
        return real.limits();
    }

    @Override
    public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
        return real.get(key, consistency);
    }

    @Override
    public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
        return real.list(directory, consistency);
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        return real.commit(txn);
    }

    @Override
    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        return real.watch(directory, start, listener);
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        return real.grantLease(ttl);
    }

    @Override
    public ConnectionStatus connection() {
        return real.connection();
    }

    @Override
    public Subscription onConnection(ConnectionListener listener) {
        return real.onConnection(listener);
    }

    @Override
    public void close() {
        real.close();
    }
}
