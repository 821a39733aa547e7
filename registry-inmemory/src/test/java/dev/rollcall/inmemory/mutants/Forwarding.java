package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A handle that does what another does; mutants override what they do wrong. */
class Forwarding extends ForwardingBackend {
    final InMemoryBackend handle;

    Forwarding(InMemoryBackend handle) {
        super(handle);
        this.handle = handle;
    }

    /** What {@code future} came to, changed where it failed. */
    static <T> CompletableFuture<T> onFailure(CompletableFuture<T> future, Function<KvException, KvException> change) {
        CompletableFuture<T> changed = new CompletableFuture<>();
        future.whenComplete((result, failure) -> {
            if (failure == null) {
                changed.complete(result);
            } else {
                Throwable cause = Futures.unwrap(failure);
                changed.completeExceptionally(cause instanceof KvException known ? change.apply(known) : cause);
            }
        });
        return changed;
    }

    /** The same future, failing with the failure itself. */
    static <T> CompletableFuture<T> plain(CompletableFuture<T> future) {
        return onFailure(future, failure -> failure);
    }

    /** The same transaction with other writes. */
    static Txn rewritten(Txn txn, Function<Write, Write> change) {
        Txn.Builder builder = Txn.builder();
        txn.conditions().forEach(builder::require);
        txn.writes().forEach(write -> builder.write(change.apply(write)));
        return builder.build();
    }

    /** The same writes with the lease replaced. */
    static Txn withLease(Txn txn, @Nullable Lease lease) {
        return rewritten(
                txn,
                write -> write instanceof Write.Put put && put.lease() != null
                        ? new Write.Put(put.key(), put.value(), lease)
                        : write);
    }

    /** Told, at once, that this handle has been cut off. */
    void cut() {}

    /** Told that the answers to this handle are held back from now on. */
    void held() {}

    /** Told that the answers which were held back have come. */
    void released() {}

    /** How many connections it has beside that of the handle below. */
    int moreConnections() {
        return 0;
    }

    /** Told that the server is about to be killed. */
    void beforeKill() {}

    /** Told how much time has passed. */
    void passed(Duration time) {}

    /** Told that this lease of this handle is about to expire. */
    void expiring(Lease lease) {}

    /** Told that this lease of this handle has expired. */
    void expired(Lease lease) {}

    boolean isReachable() {
        return handle.connection().state() == ConnectionState.CONNECTED;
    }

    boolean isClosed() {
        return handle.connection().state() == ConnectionState.CLOSED;
    }

    /** How this lease is known to the handle below. */
    Lease known(Lease lease) {
        return lease instanceof MutantLease mutant ? mutant.lease : lease;
    }

    @Override
    public CompletableFuture<Commit> commit(Txn txn) {
        Lease lease = txn.lease();
        return handle.commit(lease instanceof MutantLease ? withLease(txn, known(lease)) : txn);
    }
}
