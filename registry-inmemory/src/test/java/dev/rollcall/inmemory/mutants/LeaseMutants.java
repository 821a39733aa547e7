package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Leases that end too late, too early, or take the wrong entries along. */
final class LeaseMutants {
    private LeaseMutants() {}

    /** A handle whose leases are what {@code wrong} makes of them. */
    static Function<InMemoryBackend, Forwarding> granting(Function<Lease, MutantLease> wrong) {
        return handle -> new Forwarding(handle) {
            @Override
            public CompletableFuture<Lease> grantLease(Duration ttl) {
                return Futures.map(handle.grantLease(ttl), wrong::apply);
            }
        };
    }

    /** Asks the server for ten times what was wanted, to be on the safe side. */
    static final class OutlivesItsTtl extends Forwarding {
        OutlivesItsTtl(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            Duration granted = limits().clamp(ttl);
            return Futures.map(handle.grantLease(granted.multipliedBy(10)), lease -> new MutantLease(lease) {
                @Override
                public Duration ttl() {
                    return granted;
                }
            });
        }
    }

    /** Entries are not tied to the lease at the store, but deleted by whoever sees it end. */
    static final class DeletesWhatWasRecreated extends Forwarding {
        private final Map<Lease, Set<Key>> keys = new ConcurrentHashMap<>();

        DeletesWhatWasRecreated(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            return Futures.map(super.commit(txn), commit -> {
                if (lease != null) {
                    txn.writes()
                            .forEach(write -> keys.computeIfAbsent(lease, absent -> ConcurrentHashMap.newKeySet())
                                    .add(write.key()));
                }
                return commit;
            });
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                lease.ended()
                        .thenAccept(end -> keys.getOrDefault(lease, Set.of()).forEach(handle::delete));
                return lease;
            });
        }
    }

    /** Believes in the lease until told otherwise, and is told last. */
    static final class LateLoss extends MutantLease {
        LateLoss(Lease lease) {
            super(lease);
        }

        @Override
        public boolean isHeld() {
            return !ended().toCompletableFuture().isDone() || lease.isHeld();
        }
    }

    /** Never tells of its loss. */
    static final class NoLoss extends MutantLease {
        private volatile boolean revoked;

        NoLoss(Lease lease) {
            super(lease);
        }

        @Override
        public boolean isHeld() {
            return !revoked;
        }

        @Override
        public CompletableFuture<Void> revoke() {
            revoked = true;
            return lease.revoke();
        }
    }

    /** Says that it is over and leaves the rest to the ttl. */
    static final class RevokesLater extends Forwarding {
        RevokesLater(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    return CompletableFuture.completedFuture(null);
                }
            });
        }
    }

    /** An update is a new entry, and new entries have no lease. */
    static final class UpdateDropsLease extends Forwarding {
        private final Map<String, Lease> forEver = new ConcurrentHashMap<>();

        UpdateDropsLease(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() != 1 || txn.lease() != null || !isReachable()) {
                return super.commit(txn);
            }
            return plain(handle.get(txn.writes().get(0).key())
                    .thenCompose(found ->
                            found.entry().filter(entry -> entry.leased()).isPresent()
                                    ? super.commit(withAnyLease(txn))
                                    : super.commit(txn)));
        }

        /** The nearest that the store below can do: a lease that does not end with the one before. */
        private Txn withAnyLease(Txn txn) {
            Lease other = forEver.computeIfAbsent(
                    "lease", absent -> handle.grantLease(limits().longestTtl()).join());
            return rewritten(
                    txn,
                    write -> write instanceof Write.Put put ? new Write.Put(put.key(), put.value(), other) : write);
        }
    }

    /** An entry that has a lease keeps it. */
    static final class PutDoesNotMove extends Forwarding {
        PutDoesNotMove(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() != 1 || txn.lease() == null || !isReachable()) {
                return super.commit(txn);
            }
            return plain(handle.get(txn.writes().get(0).key())
                    .thenCompose(found ->
                            found.entry().filter(entry -> entry.leased()).isPresent()
                                    ? super.commit(withLease(txn, null))
                                    : super.commit(txn)));
        }
    }

    /** A write is more important than its lease. */
    static final class WritesWithoutTheLease extends Forwarding {
        WritesWithoutTheLease(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> first = super.commit(txn);
            return plain(first.handle((commit, failure) ->
                            failure instanceof LeaseLostException ? super.commit(withLease(txn, null)) : first)
                    .thenCompose(result -> result));
        }
    }

    /** Any lease will do. */
    static final class TakesForeignLeases extends Forwarding {
        TakesForeignLeases(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            try {
                return super.commit(txn);
            } catch (IllegalArgumentException e) {
                return super.commit(withLease(txn, null));
            }
        }
    }

    /** The ttl that was asked for, whatever was granted. */
    static final class TtlAsAskedFor extends Forwarding {
        TtlAsAskedFor(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public Duration ttl() {
                    return ttl;
                }
            });
        }
    }

    /** The client deletes the entries itself, one after another, and then the lease. */
    static final class EntriesGoOneByOne extends Forwarding {
        private final Map<Lease, Set<Key>> keys = new ConcurrentHashMap<>();

        EntriesGoOneByOne(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            return Futures.map(super.commit(txn), commit -> {
                if (lease != null) {
                    txn.writes()
                            .forEach(write -> keys.computeIfAbsent(lease, absent -> ConcurrentHashMap.newKeySet())
                                    .add(write.key()));
                }
                return commit;
            });
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    if (isReachable()) {
                        Set<Key> mine = keys.remove(this);
                        if (mine != null) {
                            mine.stream().limit(1).forEach(handle::delete);
                        }
                    }
                    return lease.revoke();
                }
            });
        }
    }
}
