package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.HandleParts;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.kv.support.PendingCalls;
import dev.rollcall.kv.support.RenewedLease;
import dev.rollcall.kv.support.RenewedLeases;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Renews each lease by a request of its own, as most clients do: with the parts for authors of backends. The lease below stands for what the store knows, and
 * a read for each request about it, so that whatever befalls the connection befalls that too.
 */
final class RenewingStore extends Forwarding {
    private static final Key ANY = Key.of("/any");

    private final HandleThreads threads;
    private final PendingCalls calls;
    private final RenewedLeases leases;
    /** What the store has of each, by its id. */
    private final Map<String, Lease> stored = new ConcurrentHashMap<>();

    RenewingStore(InMemoryBackend handle) {
        super(handle);
        this.threads = HandleParts.threads(handle);
        this.calls = HandleParts.calls(handle);
        this.leases = new RenewedLeases(handle.name(), threads, calls);
        handle.onConnection(status -> {
            if (status.state() == ConnectionState.CONNECTED) {
                leases.reconnected();
            }
        });
    }

    private final class Requests implements RenewedLease.Requests {
        private final Lease atTheStore;

        Requests(Lease atTheStore) {
            this.atTheStore = atTheStore;
        }

        @Override
        public CompletionStage<Duration> renew() {
            return Futures.map(handle.get(ANY), anything -> atTheStore.isHeld() ? atTheStore.ttl() : Duration.ZERO);
        }

        @Override
        public CompletionStage<Void> revoke() {
            return handle.get(ANY).thenCompose(anything -> atTheStore.revoke());
        }
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration ttl) {
        Duration within = limits().clamp(ttl);
        PendingCall<Lease> call = calls.begin(new Context(name(), "grantLease", null), true);
        long sentAt = threads.time().nanoTime();
        handle.grantLease(within).whenComplete((granted, failure) -> {
            if (failure == null) {
                stored.put(granted.id(), granted);
                leases.granted(call, granted.id(), granted.ttl(), sentAt, new Requests(granted));
            } else {
                call.fail((KvException) Futures.unwrap(failure));
            }
        });
        return call.future();
    }

    @Override
    Lease known(Lease lease) {
        Lease atTheStore = stored.get(lease.id());
        return atTheStore == null ? lease : atTheStore;
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        Lease lease = txn.lease();
        if (lease == null) {
            return handle.commit(txn);
        }
        RenewedLease own = leases.own(lease);
        boolean one = txn.writes().size() == 1;
        Context context = new Context(
                name(), txn.operation(), one ? txn.writes().get(0).key().path() : null);
        PendingCall<Commit> call = calls.begin(context, true);
        if (isReachable() || isClosed()) {
            send(call, txn, own);
        } else {
            // By then the lease may have ended: a put looks at it again when it leaves (decision 0151).
            handle.get(ANY).thenRun(() -> send(call, txn, own));
        }
        return call.future();
    }

    private void send(PendingCall<Commit> call, Txn txn, RenewedLease own) {
        if (!own.isHeld()) {
            call.fail(new LeaseLostException(call.context(), own.id(), null));
        } else if (call.sent()) {
            handle.commit(withLease(txn, known(own))).whenComplete((commit, failure) -> {
                if (failure == null) {
                    call.complete(commit);
                    return;
                }
                KvException refusal = (KvException) Futures.unwrap(failure);
                if (refusal instanceof LeaseLostException) {
                    own.lose("the store has refused a write with it");
                }
                call.fail(refusal);
            });
        }
    }

    @Override
    public void close() {
        leases.close();
        super.close();
    }
}
