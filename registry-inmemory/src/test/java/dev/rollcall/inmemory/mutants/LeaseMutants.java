package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /** Remembers what was put with each lease. */
    private abstract static class Remembering extends Forwarding {
        private final Map<Lease, Set<Key>> keys = new ConcurrentHashMap<>();

        Remembering(InMemoryBackend handle) {
            super(handle);
        }

        Set<Key> keys(Lease lease) {
            return keys.getOrDefault(lease, Set.of());
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
    }

    /** Entries are not tied to the lease at the store, but deleted by name when it ends. */
    static final class DeletesWhatWasRecreated extends Remembering {
        DeletesWhatWasRecreated(InMemoryBackend handle) {
            super(handle);
        }

        private CompletableFuture<Void> delete(Lease lease) {
            return CompletableFuture.allOf(keys(lease).stream()
                    .map(key -> handle.commit(Txn.builder().delete(key).build()))
                    .toArray(CompletableFuture<?>[]::new));
        }

        @Override
        void expired(Lease lease) {
            delete(lease).join();
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    return isReachable() ? plain(lease.revoke().thenCompose(revoked -> delete(this))) : lease.revoke();
                }
            });
        }
    }

    /** What lies below an entry goes with it. */
    static final class TakesTheSubtreeAlong extends Remembering {
        TakesTheSubtreeAlong(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    if (!isReachable()) {
                        return lease.revoke();
                    }
                    return plain(CompletableFuture.allOf(keys(this).stream()
                                    .map(key -> handle.keys(key.asDirectory()).thenCompose(below -> {
                                        Txn.Builder txn = Txn.builder();
                                        below.keys().forEach(txn::delete);
                                        return handle.commit(txn.build());
                                    }))
                                    .toArray(CompletableFuture<?>[]::new))
                            .thenCompose(deleted -> lease.revoke()));
                }
            });
        }
    }

    /** Nothing renews it. */
    static final class NotRenewed extends Forwarding {
        private final Map<Lease, Duration> ages = new ConcurrentHashMap<>();

        NotRenewed(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                ages.put(lease, Duration.ZERO);
                return lease;
            });
        }

        @Override
        void passed(Duration time) {
            ages.replaceAll((lease, age) -> age.plus(time));
            ages.forEach((lease, age) -> {
                if (age.compareTo(lease.ttl()) > 0 && isReachable()) {
                    handle.faults().expire(lease);
                }
            });
        }
    }

    /** Goes without a word, and leaves its leases to the server's clock. */
    static final class LeavesWithoutAWord extends Forwarding {
        LeavesWithoutAWord(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public void close() {
            handle.faults().disconnect();
            handle.close();
        }
    }

    /** Goes by the server's word, which cannot come while there is no connection. */
    static final class LateLoss extends Forwarding {
        LateLoss(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                CompletableFuture<LeaseEnd> told = new CompletableFuture<>();
                lease.ended()
                        .thenAccept(end -> handle.onConnection(status -> {
                            if (status.state() != ConnectionState.DISCONNECTED) {
                                told.complete(end);
                            }
                        }));
                return new MutantLease(lease) {
                    @Override
                    public boolean isHeld() {
                        return !told.isDone();
                    }

                    @Override
                    public CompletableFuture<Void> revoke() {
                        return Futures.map(lease.revoke(), revoked -> {
                            told.complete(LeaseEnd.REVOKED);
                            return revoked;
                        });
                    }

                    @Override
                    public CompletionStage<LeaseEnd> ended() {
                        return told;
                    }
                };
            });
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

    /** Revocations are queued, and acknowledged when they are. */
    static final class RevocationsAreQueued extends Forwarding {
        private final Queue<Lease> queue = new ConcurrentLinkedQueue<>();

        RevocationsAreQueued(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                private volatile boolean revoked;

                @Override
                public boolean isHeld() {
                    return !revoked && super.isHeld();
                }

                @Override
                public CompletableFuture<Void> revoke() {
                    revoked = true;
                    queue.add(lease);
                    return CompletableFuture.completedFuture(null);
                }
            });
        }

        @Override
        void passed(Duration time) {
            if (!time.isZero()) {
                for (Lease lease = queue.poll(); lease != null; lease = queue.poll()) {
                    lease.revoke();
                }
            }
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
            boolean leased = txn.writes().size() == 1
                    && txn.lease() != null
                    && isReachable()
                    && handle.get(txn.writes().get(0).key())
                            .join()
                            .entry()
                            .filter(KeyValue::leased)
                            .isPresent();
            return super.commit(leased ? withLease(txn, null) : txn);
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
    static final class EntriesGoOneByOne extends Remembering {
        EntriesGoOneByOne(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    Optional<Key> first = keys(this).stream().sorted().findFirst();
                    return isReachable() && lease.isHeld() && first.isPresent()
                            ? plain(handle.commit(
                                            Txn.builder().delete(first.get()).build())
                                    .thenCompose(deleted -> lease.revoke()))
                            : lease.revoke();
                }
            });
        }
    }
}
