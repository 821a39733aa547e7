package dev.rollcall.tck.history;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The smallest store there is: one lock, and listeners called under it. Can be told to lie. */
final class ModelStore {
    private final Fault fault;
    private final TreeMap<Key, KeyValue> state = new TreeMap<>();
    private final List<Listening> listening = new ArrayList<>();
    private final List<Change> log = new ArrayList<>();
    private final AtomicInteger commits = new AtomicInteger();
    private TreeMap<Key, KeyValue> stale = new TreeMap<>();
    private long staleRevision;
    private long revision;
    private boolean ending;

    enum Fault {
        NONE,
        /** Some writes are answered by an error and are in doubt; half of them have taken effect. */
        LOST_ANSWERS,
        /** Some reads are answered from an old state. */
        STALE_READS,
        /** Some failing conditions are ignored. */
        LOST_UPDATES,
        /** Some transactions apply one write only. */
        TORN_TRANSACTIONS,
        /** Some changes reach no watch. */
        SKIPPED_EVENTS,
        /** The last write of a workload, and any that follows, is refused. */
        NO_WRITES_IN_THE_END,
        /** Reads that come after the last write of a workload are refused. */
        NO_READS_IN_THE_END
    }

    private record Listening(Directory directory, WatchListener listener) {}

    ModelStore(Fault fault) {
        this.fault = fault;
    }

    KvBackend open() {
        return new Handle();
    }

    private boolean strikes(Fault wanted, int oneIn) {
        return fault == wanted && commits.incrementAndGet() % oneIn == 0;
    }

    private synchronized Commit commit(Txn txn) {
        KvException.Context context = new KvException.Context("model", txn.operation(), null);
        ending |= txn.writes().stream().anyMatch(write -> WorkloadRun.isEnd(write.key()));
        if (ending && fault == Fault.NO_WRITES_IN_THE_END) {
            throw new UnavailableException(context, Outcome.NOT_APPLIED, "it is the end", null);
        }
        for (Condition condition : txn.conditions()) {
            KeyValue entry = state.get(condition.key());
            long actual = entry == null ? 0 : entry.revision();
            if (!condition.holds(actual) && !strikes(Fault.LOST_UPDATES, 5)) {
                throw ConditionFailedException.of(context, condition, actual);
            }
        }
        boolean lost = strikes(Fault.LOST_ANSWERS, 7);
        if (lost && commits.get() % 2 == 0) {
            throw new UnavailableException(context, Outcome.UNKNOWN, "the answer was lost", null);
        }
        apply(txn);
        if (lost) {
            throw new UnavailableException(context, Outcome.UNKNOWN, "the answer was lost", null);
        }
        return new Commit(revision);
    }

    private void apply(Txn txn) {
        if (commits.get() % 10 == 0) {
            stale = new TreeMap<>(state);
            staleRevision = revision;
        }
        List<Change> changes = new ArrayList<>();
        long next = revision + 1;
        for (Write write : txn.writes()) {
            if (write instanceof Write.Put put) {
                KeyValue entry = new KeyValue(put.key(), put.value(), next, false);
                state.put(put.key(), entry);
                changes.add(new Change.Put(entry));
            } else if (state.remove(write.key()) != null) {
                changes.add(new Change.Delete(write.key(), next));
            }
            if (txn.writes().size() > 1 && strikes(Fault.TORN_TRANSACTIONS, 21)) {
                break;
            }
        }
        if (!changes.isEmpty()) {
            revision = next;
            changes.sort(Changes.ORDER);
            log.addAll(changes);
            if (!strikes(Fault.SKIPPED_EVENTS, 15)) {
                listening.forEach(each -> tell(each, changes));
            }
        }
    }

    private void tell(Listening each, List<Change> changes) {
        List<Change> covered = changes.stream()
                .filter(change -> each.directory().covers(change.key()))
                .toList();
        if (!covered.isEmpty()) {
            each.listener().onSignal(new Changes(each.directory(), covered, revision));
        }
    }

    private synchronized Snapshot list(Directory directory, boolean maybeStale) {
        if (ending && fault == Fault.NO_READS_IN_THE_END && maybeStale) {
            throw new UnavailableException(
                    KvException.Context.of("model", "list", Key.of("/any")),
                    Outcome.NOT_APPLIED,
                    "it is the end",
                    null);
        }
        boolean old = maybeStale && strikes(Fault.STALE_READS, 9);
        List<KeyValue> entries = (old ? stale : state)
                .values().stream()
                        .filter(entry -> directory.covers(entry.key()))
                        .toList();
        return new Snapshot(directory, entries, old ? staleRevision : revision);
    }

    private synchronized Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        Listening each = new Listening(directory, listener);
        if (start instanceof WatchStart.AfterRevision after) {
            TreeMap<Long, List<Change>> missed = new TreeMap<>();
            log.stream()
                    .filter(change -> change.revision() > after.revision() && directory.covers(change.key()))
                    .forEach(change -> missed.computeIfAbsent(change.revision(), r -> new ArrayList<>())
                            .add(change));
            missed.forEach((at, changes) -> listener.onSignal(new Changes(directory, changes, at)));
        } else {
            listener.onSignal(list(directory, false));
        }
        listening.add(each);
        return new Watch() {
            @Override
            public Directory directory() {
                return directory;
            }

            @Override
            public void close() {
                end(each);
            }
        };
    }

    private synchronized void end(Listening each) {
        if (listening.remove(each)) {
            each.listener().onEnd(null);
        }
    }

    private final class Handle implements KvBackend {
        @Override
        public String name() {
            return "model";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of();
        }

        @Override
        public Limits limits() {
            return new Limits(Duration.ofSeconds(1), Duration.ofHours(1));
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return answer(() -> {
                Snapshot all = ModelStore.this.list(Directory.ROOT, true);
                return new GetResult(key, all.get(key).orElse(null), all.revision());
            });
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return answer(() -> ModelStore.this.list(directory, true));
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return answer(() -> ModelStore.this.commit(txn));
        }

        private <T> CompletableFuture<T> answer(Supplier<T> question) {
            try {
                return CompletableFuture.completedFuture(question.get());
            } catch (KvException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return ModelStore.this.watch(directory, start, listener);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ConnectionStatus connection() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Subscription onConnection(ConnectionListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
