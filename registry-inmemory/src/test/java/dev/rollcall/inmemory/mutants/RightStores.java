package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnsupportedCapabilityException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.HandleThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stores that keep every rule in a way of their own, as other clients do; the kit must not accuse them. */
final class RightStores {
    private RightStores() {}

    /** By name, what makes the handles of one store. */
    static Map<String, Supplier<Function<InMemoryBackend, Forwarding>>> all() {
        Map<String, Supplier<Function<InMemoryBackend, Forwarding>>> all = new TreeMap<>();
        all.put("answers on other threads, in another order", () -> OtherThreads::new);
        all.put("leases renewed one by one", () -> RenewingStore::new);
        all.put("no history", () -> WithoutHistory::new);
        all.put("sequential reads that lag", () -> Lagging::new);
        all.put("sparse revisions", () -> Sparse::new);
        all.put("snapshots after cuts", () -> SnapshotsAfterCuts::new);
        all.put("snapshots where a key has passed", () -> SnapshotsWhereAKeyHasPassed::new);
        all.put("a gap in every watch once, when a lease expires or a handle is cut", () -> {
            List<Folding> watches = new CopyOnWriteArrayList<>();
            AtomicBoolean once = new AtomicBoolean();
            return handle -> new GapOnce(handle, watches, once);
        });
        return all;
    }

    /** Completes every answer on threads that the handle below does not have, whichever comes first. */
    private static final class OtherThreads extends Forwarding {
        private final HandleThreads threads = HandleThreads.open("inmemory");

        OtherThreads(InMemoryBackend handle) {
            super(handle);
        }

        private <T> CompletableFuture<T> elsewhere(CompletableFuture<T> future) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            future.whenComplete((result, failure) -> threads.callbacks().execute(() -> {
                if (failure == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(Futures.unwrap(failure));
                }
            }));
            return answer;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return elsewhere(super.get(key, consistency));
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return elsewhere(super.list(directory, consistency));
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return elsewhere(super.commit(txn));
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return elsewhere(super.grantLease(ttl));
        }

        @Override
        public void close() {
            super.close();
            threads.close();
        }
    }

    /** Remembers no revision but the present one. */
    private static final class WithoutHistory extends Forwarding {
        WithoutHistory(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Set<Capability> capabilities() {
            Set<Capability> fewer = EnumSet.copyOf(super.capabilities());
            fewer.remove(Capability.HISTORY);
            return Set.copyOf(fewer);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (!(start instanceof WatchStart.History)) {
                return super.watch(directory, start, listener);
            }
            KvException refusal = new UnsupportedCapabilityException(
                    KvException.Context.of(name(), "watch", directory), Capability.HISTORY);
            Watch refused = super.watch(directory, WatchStart.snapshot(), new MutantListener(listener) {
                @Override
                public void onSignal(WatchSignal signal) {}

                @Override
                public void onEnd(@Nullable KvException cause) {
                    super.onEnd(refusal);
                }
            });
            refused.close();
            return refused;
        }
    }

    /** Answers two of three sequential reads from what it read last, unless this handle has told of something newer. */
    private static final class Lagging extends Forwarding {
        private final AtomicLong told = new AtomicLong();
        private final AtomicReference<@Nullable Snapshot> last = new AtomicReference<>();
        private final AtomicInteger reads = new AtomicInteger();

        Lagging(InMemoryBackend handle) {
            super(handle);
        }

        private <T> CompletableFuture<T> telling(CompletableFuture<T> future, Function<T, Long> revision) {
            return Futures.map(future, result -> {
                told.accumulateAndGet(revision.apply(result), Math::max);
                return result;
            });
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            requireNonNull(key, "key");
            if (requireNonNull(consistency, "consistency") == ReadConsistency.LINEARIZABLE) {
                return telling(super.get(key, consistency), GetResult::revision);
            }
            return Futures.map(
                    list(Directory.ROOT, consistency),
                    seen -> new GetResult(key, seen.get(key).orElse(null), seen.revision()));
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            requireNonNull(directory, "directory");
            if (requireNonNull(consistency, "consistency") == ReadConsistency.LINEARIZABLE) {
                return telling(super.list(directory, consistency), Snapshot::revision);
            }
            Snapshot remembered = last.get();
            if (remembered != null
                    && remembered.revision() >= told.get()
                    && isReachable()
                    && reads.incrementAndGet() % 3 != 0) {
                return CompletableFuture.completedFuture(below(remembered, directory));
            }
            return Futures.map(telling(super.list(Directory.ROOT, consistency), Snapshot::revision), all -> {
                last.accumulateAndGet(
                        all, (older, newer) -> older == null || older.revision() < newer.revision() ? newer : older);
                return below(all, directory);
            });
        }

        private static Snapshot below(Snapshot all, Directory directory) {
            return new Snapshot(
                    directory,
                    all.entries().stream()
                            .filter(entry -> directory.covers(entry.key()))
                            .toList(),
                    all.revision());
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return Forwarding.onFailure(telling(super.commit(txn), Commit::revision), failure -> {
                // What refuses a write tells of a revision that is not known here.
                last.set(null);
                return failure;
            });
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return super.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    told.accumulateAndGet(signal.revision(), Math::max);
                    super.onSignal(signal);
                }
            });
        }
    }

    /** Counts its revisions in steps of seven, as a store does whose other users write most of the time. */
    private static final class Sparse extends Forwarding {
        private static final int STEP = 7;

        Sparse(InMemoryBackend handle) {
            super(handle);
        }

        private static KeyValue out(KeyValue entry) {
            return new KeyValue(entry.key(), entry.value(), entry.revision() * STEP, entry.leased());
        }

        private static Snapshot out(Snapshot snapshot) {
            return new Snapshot(
                    snapshot.directory(),
                    snapshot.entries().stream().map(Sparse::out).toList(),
                    snapshot.revision() * STEP);
        }

        private static Change out(Change change) {
            return change instanceof Change.Put put
                    ? new Change.Put(out(put.entry()))
                    : new Change.Delete(change.key(), change.revision() * STEP);
        }

        private static WatchSignal out(WatchSignal signal) {
            return signal instanceof Changes changes
                    ? new Changes(
                            changes.directory(),
                            changes.changes().stream().map(Sparse::out).toList(),
                            changes.revision() * STEP)
                    : out((Snapshot) signal);
        }

        /** A revision between two is the same as none. */
        private static Condition in(Condition condition) {
            return condition instanceof Condition.RevisionIs is
                    ? new Condition.RevisionIs(
                            is.key(), is.revision() % STEP == 0 ? is.revision() / STEP : Long.MAX_VALUE / STEP)
                    : condition;
        }

        private static KvException out(Txn txn, KvException failure) {
            if (!(failure instanceof ConditionFailedException failed)) {
                return failure;
            }
            Condition condition = txn.conditions().stream()
                    .filter(each -> in(each).equals(failed.condition()))
                    .findFirst()
                    .orElseThrow();
            return ConditionFailedException.of(
                    new KvException.Context(failure.backend(), failure.operation(), failure.path()),
                    condition,
                    failed.actualRevision().orElse(0) * STEP);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(
                    super.get(key, consistency),
                    result ->
                            new GetResult(key, result.entry().map(Sparse::out).orElse(null), result.revision() * STEP));
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(super.list(directory, consistency), Sparse::out);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Txn.Builder builder = Txn.builder();
            txn.conditions().forEach(condition -> builder.require(in(condition)));
            txn.writes().forEach(builder::write);
            return onFailure(
                    Futures.map(super.commit(builder.build()), commit -> new Commit(commit.revision() * STEP)),
                    failure -> out(txn, failure));
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            WatchStart from = start instanceof WatchStart.AfterRevision after
                    ? WatchStart.after(after.revision() / STEP)
                    : start instanceof WatchStart.History history
                            ? WatchStart.history(history.revision() / STEP)
                            : start;
            return super.watch(directory, from, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    super.onSignal(out(signal));
                }
            });
        }
    }

    /** A watch that knows what its listener holds, and can tell it as a snapshot instead of as changes. */
    private static class Folding extends MutantListener {
        private final Directory directory;
        private final boolean beginsWithASnapshot;
        private final TreeMap<Key, KeyValue> held = new TreeMap<>();
        private volatile boolean gap;

        Folding(Directory directory, WatchStart start, WatchListener listener) {
            super(requireNonNull(listener, "listener"));
            this.directory = directory;
            this.beginsWithASnapshot = start instanceof WatchStart.FromSnapshot;
        }

        boolean holds(Key key) {
            return held.containsKey(key);
        }

        /** The next changes come as a snapshot, where the watch may deliver one. */
        void breaks() {
            gap = beginsWithASnapshot;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Snapshot snapshot) {
                held.clear();
                snapshot.entries().forEach(entry -> held.put(entry.key(), entry));
            } else if (signal instanceof Changes changes) {
                for (Change change : changes.changes()) {
                    if (change instanceof Change.Put put) {
                        held.put(put.key(), put.entry());
                    } else {
                        held.remove(change.key());
                    }
                }
            }
            if (gap) {
                gap = false;
                super.onSignal(new Snapshot(directory, new ArrayList<>(held.values()), signal.revision()));
            } else {
                super.onSignal(signal);
            }
        }
    }

    /** A slow watch that compares states: where a key may have come and gone between two looks, it delivers a snapshot. */
    private static final class SnapshotsWhereAKeyHasPassed extends Forwarding {
        private static final long LOOK_NANOS = 1_000_000;

        SnapshotsWhereAKeyHasPassed(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (!(start instanceof WatchStart.FromSnapshot)) {
                return super.watch(directory, start, listener);
            }
            return super.watch(directory, start, new Folding(directory, start, listener) {
                @Override
                public void onSignal(WatchSignal signal) {
                    LockSupport.parkNanos(LOOK_NANOS);
                    if (signal instanceof Changes changes
                            && changes.changes().stream()
                                    .anyMatch(change -> change instanceof Change.Delete && !holds(change.key()))) {
                        breaks();
                    }
                    super.onSignal(signal);
                }
            });
        }
    }

    /** What a watch has missed during a cut comes as a snapshot. */
    private static final class SnapshotsAfterCuts extends Forwarding {
        private final List<Folding> watches = new CopyOnWriteArrayList<>();

        SnapshotsAfterCuts(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            watches.forEach(Folding::breaks);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            Folding folding = new Folding(directory, start, listener);
            watches.add(folding);
            return super.watch(directory, start, folding);
        }
    }

    /** The connections of all handles break for a moment, once, when a lease is about to expire or one of them is cut. */
    private static final class GapOnce extends Forwarding {
        private final List<Folding> watches;
        private final AtomicBoolean once;

        GapOnce(InMemoryBackend handle, List<Folding> watches, AtomicBoolean once) {
            super(handle);
            this.watches = watches;
            this.once = once;
        }

        private void breakAll() {
            if (!once.getAndSet(true)) {
                watches.forEach(Folding::breaks);
            }
        }

        @Override
        void cut() {
            breakAll();
        }

        @Override
        void expiring(Lease lease) {
            breakAll();
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            Folding folding = new Folding(directory, start, listener);
            watches.add(folding);
            return super.watch(directory, start, folding);
        }
    }
}
