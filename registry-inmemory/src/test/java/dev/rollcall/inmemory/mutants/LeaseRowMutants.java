package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Mistakes in the table that says which entry is on which lease, as stores have it that know no leases of their own. */
final class LeaseRowMutants {
    private LeaseRowMutants() {}

    /** A handle that puts some entries on a lease which nobody ends, so that they are left when theirs has ended. */
    private abstract static class Straying extends Forwarding {
        private @Nullable Lease forEver;

        Straying(InMemoryBackend handle) {
            super(handle);
        }

        final synchronized Lease forEver() {
            if (forEver == null) {
                forEver = handle.grantLease(limits().longestTtl()).join();
            }
            return forEver;
        }

        final Txn straying(Txn txn, Predicate<Write.Put> strays) {
            return rewritten(
                    txn,
                    write -> write instanceof Write.Put put && strays.test(put)
                            ? new Write.Put(put.key(), put.value(), forEver())
                            : write);
        }
    }

    /** The lease is a column of the request, and so every row that it writes gets it. */
    static final class LeaseOfTheWholeTransaction extends Forwarding {
        LeaseOfTheWholeTransaction(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            return lease == null
                    ? super.commit(txn)
                    : super.commit(rewritten(
                            txn,
                            write -> write instanceof Write.Put put
                                    ? new Write.Put(put.key(), put.value(), lease)
                                    : write));
        }
    }

    /** {@code UPDATE … SET value = ?, lease = NULL WHERE revision = ?}: only plain updates were taught to leave it. */
    static final class CompareAndSetDropsTheLease extends Straying {
        private final BiPredicate<Txn, Write> careless;
        /** What this handle put with a lease itself, it remembers. */
        private final Set<Key> own = ConcurrentHashMap.newKeySet();

        CompareAndSetDropsTheLease(InMemoryBackend handle) {
            this(
                    handle,
                    (txn, write) -> txn.conditions().stream()
                            .anyMatch(condition -> condition instanceof Condition.RevisionIs
                                    && condition.key().equals(write.key())));
        }

        private CompareAndSetDropsTheLease(InMemoryBackend handle, BiPredicate<Txn, Write> careless) {
            super(handle);
            this.careless = careless;
        }

        /** The same in transactions of several writes only. */
        static CompareAndSetDropsTheLease inTransactions(InMemoryBackend handle) {
            return new CompareAndSetDropsTheLease(
                    handle,
                    (txn, write) -> txn.writes().size() > 1 && !txn.conditions().isEmpty());
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.lease() != null) {
                txn.writes().forEach(write -> own.add(write.key()));
            }
            return txn.lease() != null || txn.conditions().isEmpty()
                    ? super.commit(txn)
                    : super.commit(straying(txn, put -> careless.test(txn, put) && isLeased(put.key())));
        }

        private boolean isLeased(Key key) {
            GetResult found = handle.get(key).getNow(null);
            return !own.contains(key)
                    && found != null
                    && found.entry().filter(KeyValue::leased).isPresent();
        }
    }

    /** Remembers which key it has tied to which lease, and does not do it again. */
    static final class TiedOnceOnly extends Forwarding {
        private final Map<Lease, Set<Key>> tied = new ConcurrentHashMap<>();
        private final Set<Lease> granted = ConcurrentHashMap.newKeySet();

        TiedOnceOnly(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                granted.add(lease);
                return lease;
            });
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            if (lease == null || !granted.contains(lease) || !lease.isHeld()) {
                return super.commit(txn);
            }
            Set<Key> keys = tied.computeIfAbsent(lease, absent -> ConcurrentHashMap.newKeySet());
            boolean known =
                    txn.writes().size() == 1 && !keys.add(txn.writes().get(0).key());
            return super.commit(known ? withLease(txn, null) : txn);
        }
    }

    /** The rows of a lease are moved, but those of other handles not found again: the end of any lease takes all that it ever had. */
    static final class LeaseThatForgetsNothing extends Forwarding {
        /** The leases that a key had, in order. */
        private final Map<Key, List<Lease>> had = new ConcurrentHashMap<>();

        LeaseThatForgetsNothing(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            if (lease != null && txn.conditions().isEmpty()) {
                txn.writes()
                        .forEach(write -> had.computeIfAbsent(write.key(), absent -> new CopyOnWriteArrayList<>())
                                .add(lease));
            }
            return super.commit(txn);
        }

        /** Whether the key had this lease, but came back to the one before, which is what the author did not think of. */
        private boolean cameBack(Lease lease, Key key) {
            List<Lease> leases = had.getOrDefault(key, List.of());
            int at = leases.indexOf(lease);
            return at > 0 && leases.lastIndexOf(leases.get(at - 1)) > at;
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    List<Key> keys = had.keySet().stream()
                            .filter(key -> cameBack(this, key))
                            .toList();
                    if (!isReachable() || keys.isEmpty() || !lease.isHeld()) {
                        return lease.revoke();
                    }
                    Txn.Builder txn = Txn.builder();
                    keys.forEach(txn::delete);
                    return plain(lease.revoke()
                            .thenCompose(revoked -> Futures.map(handle.commit(txn.build()), commit -> revoked)));
                }
            });
        }
    }

    /** The statement that ties entries to a lease takes a hundred of them. */
    static final class HundredEntriesOfALease extends Straying {
        private static final int MOST = 100;

        private final Map<Lease, Set<Key>> keys = new ConcurrentHashMap<>();

        HundredEntriesOfALease(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            if (lease == null) {
                return super.commit(txn);
            }
            Set<Key> mine = keys.computeIfAbsent(lease, absent -> ConcurrentHashMap.newKeySet());
            txn.writes().forEach(write -> mine.add(write.key()));
            return super.commit(mine.size() > MOST ? straying(txn, put -> put.lease() != null) : txn);
        }
    }

    /** The entries of a large lease are deleted in several transactions. */
    static final class EntriesGoInPages extends Forwarding {
        private static final int PAGE = 128;

        private final Map<Lease, Queue<Key>> keys = new ConcurrentHashMap<>();

        EntriesGoInPages(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Lease lease = txn.lease();
            if (lease != null) {
                Queue<Key> mine = keys.computeIfAbsent(lease, absent -> new ConcurrentLinkedQueue<>());
                txn.writes().forEach(write -> mine.add(write.key()));
            }
            return super.commit(txn);
        }

        private void deleteFirstPage(Lease lease) {
            Queue<Key> mine = keys.get(lease);
            if (mine != null && mine.size() > PAGE && isReachable()) {
                Txn.Builder txn = Txn.builder();
                mine.stream().limit(64).forEach(txn::delete);
                handle.commit(txn.build()).join();
            }
        }

        @Override
        void expiring(Lease lease) {
            deleteFirstPage(lease);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    deleteFirstPage(this);
                    return lease.revoke();
                }
            });
        }
    }

    /** {@code this.lease = lease}: a handle has one, and the others are left to their ttl. */
    static final class OneLeaseAtClose extends Forwarding {
        private final Queue<Lease> leases = new ConcurrentLinkedQueue<>();

        OneLeaseAtClose(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                leases.add(lease);
                return lease;
            });
        }

        @Override
        public void close() {
            List<Lease> held = leases.stream().filter(Lease::isHeld).toList();
            if (held.size() > 1 && isReachable()) {
                held.get(held.size() - 1).close();
                handle.faults().disconnect();
            }
            handle.close();
        }
    }

    /** A lease that has ended before stops the ending of those after it. */
    static final class CloseStopsAtAnEndedLease extends Forwarding {
        private final Queue<Lease> leases = new ConcurrentLinkedQueue<>();

        CloseStopsAtAnEndedLease(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                leases.add(lease);
                return lease;
            });
        }

        @Override
        public void close() {
            List<Lease> all = List.copyOf(leases);
            boolean ended = all.stream().anyMatch(lease -> !lease.isHeld());
            if (ended && all.stream().anyMatch(Lease::isHeld) && isReachable()) {
                for (int i = 0; all.get(i).isHeld(); i++) {
                    all.get(i).close();
                }
                handle.faults().disconnect();
            }
            handle.close();
        }
    }

    /** Revoking is an operation like any other, also of what is over: on a closed handle it fails. */
    static final class RevokeFailsAfterClose extends Forwarding {
        RevokeFailsAfterClose(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> new MutantLease(lease) {
                @Override
                public CompletableFuture<Void> revoke() {
                    return handle.connection().state() == ConnectionState.CLOSED
                            ? CompletableFuture.failedFuture(new BackendClosedException(
                                    new Context(name(), "revoke", null), Outcome.NOT_APPLIED))
                            : lease.revoke();
                }
            });
        }
    }

    private static KeyValue unleased(KeyValue entry) {
        return new KeyValue(entry.key(), entry.value(), entry.revision(), false);
    }

    /** The cache that sequential reads are answered from has no column for it. */
    static final class SequentialReadsForgetTheLease extends Forwarding {
        private final boolean lists;

        SequentialReadsForgetTheLease(InMemoryBackend handle, boolean lists) {
            super(handle);
            this.lists = lists;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return lists || consistency == ReadConsistency.LINEARIZABLE
                    ? handle.get(key, consistency)
                    : Futures.map(
                            handle.get(key, consistency),
                            result -> new GetResult(
                                    key,
                                    result.entry()
                                            .map(LeaseRowMutants::unleased)
                                            .orElse(null),
                                    result.revision()));
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return !lists || consistency == ReadConsistency.LINEARIZABLE
                    ? handle.list(directory, consistency)
                    : Futures.map(
                            handle.list(directory, consistency),
                            snapshot -> new Snapshot(
                                    directory,
                                    snapshot.entries().stream()
                                            .map(LeaseRowMutants::unleased)
                                            .toList(),
                                    snapshot.revision()));
        }
    }

    /** What a watch has missed is read from the table of entries, without a look at that of the leases. */
    static final class GapForgetsTheLease extends Forwarding {
        private final boolean snapshots;
        private volatile boolean behind;

        GapForgetsTheLease(InMemoryBackend handle, boolean snapshots) {
            super(handle);
            this.snapshots = snapshots;
        }

        @Override
        void cut() {
            behind = true;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                private boolean begun;

                @Override
                public void onSignal(WatchSignal signal) {
                    boolean forgetful = begun && behind;
                    begun = true;
                    behind = false;
                    super.onSignal(forgetful ? forgetful(signal) : signal);
                }
            });
        }

        private WatchSignal forgetful(WatchSignal signal) {
            if (signal instanceof Snapshot snapshot) {
                return snapshots
                        ? new Snapshot(
                                snapshot.directory(),
                                snapshot.entries().stream()
                                        .map(LeaseRowMutants::unleased)
                                        .toList(),
                                snapshot.revision())
                        : snapshot;
            }
            Changes changes = (Changes) signal;
            return snapshots
                    ? changes
                    : new Changes(
                            changes.directory(),
                            changes.changes().stream()
                                    .map(change -> change instanceof Change.Put put
                                            ? new Change.Put(unleased(put.entry()))
                                            : change)
                                    .toList(),
                            changes.revision());
        }
    }

    /** Lets leases expire by a clock of its own, which {@code limit} reads wrongly: how old a lease gets, or may be silent. */
    static final class GoesTooSoon extends Forwarding {
        private final double mostSilent;
        private final double longest;
        private final Map<Lease, Duration> ages = new ConcurrentHashMap<>();
        private final Map<Lease, Duration> silences = new HashMap<>();

        GoesTooSoon(InMemoryBackend handle, double mostSilent, double longest) {
            super(handle);
            this.mostSilent = mostSilent;
            this.longest = longest;
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                ages.put(lease, Duration.ZERO);
                return lease;
            });
        }

        @Override
        synchronized void passed(Duration time) {
            if (time.isZero()) {
                return;
            }
            ages.replaceAll((lease, age) -> age.plus(time));
            ages.forEach((lease, age) -> {
                Duration silence = isReachable() ? Duration.ZERO : silences.getOrDefault(lease, Duration.ZERO);
                silences.put(lease, silence.plus(time));
                if (age.toNanos() > longest * lease.ttl().toNanos()
                        || (!isReachable()
                                && silence.plus(time).toNanos()
                                        > mostSilent * lease.ttl().toNanos())) {
                    handle.faults().expire(lease);
                }
            });
        }
    }
}
