package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.Write;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Writes of what is there already, taken for no writes. */
final class RewriteMutants {
    private RewriteMutants() {}

    private abstract static class Comparing extends Forwarding {
        Comparing(InMemoryBackend handle) {
            super(handle);
        }

        /** The entry that the one write of {@code txn} would leave as it is. */
        final Optional<KeyValue> unchanged(Txn txn) {
            if (txn.writes().size() != 1 || !(txn.writes().get(0) instanceof Write.Put put) || !isReachable()) {
                return Optional.empty();
            }
            GetResult found = handle.get(put.key()).getNow(null);
            return found == null
                    ? Optional.empty()
                    : found.entry().filter(entry -> entry.value().equals(put.value()));
        }
    }

    /** A put of what is there already is saved. */
    static final class SameValueIsNoWrite extends Comparing {
        SameValueIsNoWrite(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Optional<KeyValue> same = unchanged(txn)
                    .filter(entry -> txn.lease() == null
                            && !entry.value().isEmpty()
                            && txn.conditions().isEmpty());
            return same.map(entry -> CompletableFuture.completedFuture(new Commit(entry.revision())))
                    .orElseGet(() -> super.commit(txn));
        }
    }

    /** The database tells how many rows were changed, and none were. */
    static final class NoRowChanged extends Comparing {
        NoRowChanged(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean update = txn.conditions().stream().anyMatch(Condition.Present.class::isInstance);
            Optional<KeyValue> same =
                    unchanged(txn).filter(entry -> update && !entry.value().isEmpty());
            return same.<CompletableFuture<Commit>>map(
                            entry -> CompletableFuture.failedFuture(ConditionFailedException.of(
                                    Context.of(name(), "update", entry.key()), new Condition.Present(entry.key()), 0)))
                    .orElseGet(() -> super.commit(txn));
        }
    }

    /** A lease is given with the value, or not at all: where the value stays, so does the row. */
    static final class LeaseAloneIsNoWrite extends Comparing {
        LeaseAloneIsNoWrite(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Optional<KeyValue> same = unchanged(txn)
                    .filter(entry -> txn.lease() != null
                            && entry.leased()
                            && txn.conditions().isEmpty()
                            && !entry.value().isEmpty());
            return same.isEmpty()
                    ? super.commit(txn)
                    : super.commit(txn)
                            .thenApply(commit -> new Commit(same.get().revision()));
        }
    }

    /** Polls, and compares values: what was put again is not seen. */
    static final class WatchComparesValues extends MutantListener {
        private final boolean leasedToo;
        private final Map<Key, KeyValue> held = new HashMap<>();

        WatchComparesValues(WatchListener listener, boolean leasedToo) {
            super(requireNonNull(listener, "listener"));
            this.leasedToo = leasedToo;
        }

        private boolean isSame(Change change) {
            KeyValue before = held.get(change.key());
            return before != null
                    && change instanceof Change.Put put
                    && !put.entry().value().isEmpty()
                    && before.value().equals(put.entry().value())
                    && (!leasedToo || before.leased() == put.entry().leased());
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Snapshot snapshot) {
                held.clear();
                snapshot.entries().forEach(entry -> held.put(entry.key(), entry));
                super.onSignal(snapshot);
                return;
            }
            Changes changes = (Changes) signal;
            List<Change> kept =
                    changes.changes().stream().filter(change -> !isSame(change)).toList();
            for (Change change : changes.changes()) {
                if (change instanceof Change.Put put) {
                    held.put(put.key(), put.entry());
                } else {
                    held.remove(change.key());
                }
            }
            if (!kept.isEmpty() || changes.changes().isEmpty()) {
                super.onSignal(new Changes(changes.directory(), kept, changes.revision()));
            }
        }
    }
}
