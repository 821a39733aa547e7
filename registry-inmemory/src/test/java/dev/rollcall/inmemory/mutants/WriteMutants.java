package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Writes and transactions that do something else than they say. */
final class WriteMutants {
    private WriteMutants() {}

    /** The only condition of a transaction with one write, if it is of this type. */
    private static <C extends Condition> Optional<C> only(Txn txn, Class<C> type) {
        return txn.writes().size() == 1
                        && txn.conditions().size() == 1
                        && type.isInstance(txn.conditions().get(0))
                ? Optional.of(type.cast(txn.conditions().get(0)))
                : Optional.empty();
    }

    private static Txn with(Condition condition, Txn txn) {
        return Txn.of(condition, txn.writes().get(0));
    }

    /** Compare, then set: the store has no such operation, or the author did not find it. */
    static final class LostUpdate extends Forwarding {
        LostUpdate(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Condition.RevisionIs expected =
                    only(txn, Condition.RevisionIs.class).orElse(null);
            if (expected == null || !(txn.writes().get(0) instanceof Write.Put)) {
                return super.commit(txn);
            }
            return plain(handle.get(expected.key()).thenCompose(found -> {
                KeyValue entry = found.entryOrNull();
                Thread.yield();
                return entry != null && entry.revision() == expected.revision()
                        ? super.commit(with(new Condition.Present(expected.key()), txn))
                        : super.commit(txn);
            }));
        }
    }

    /** Look, then create. */
    static final class CreateByLooking extends Forwarding {
        CreateByLooking(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Condition.Absent expected = only(txn, Condition.Absent.class).orElse(null);
            if (expected == null || txn.lease() != null) {
                return super.commit(txn);
            }
            return plain(handle.get(expected.key()).thenCompose(found -> {
                Thread.yield();
                return found.isPresent()
                        ? super.commit(txn)
                        : super.commit(Txn.of(txn.writes().get(0)));
            }));
        }
    }

    /** An update that creates. */
    static final class UpdateOfNothing extends Forwarding {
        UpdateOfNothing(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> update(Key key, Bytes value) {
            return handle.put(key, value);
        }
    }

    /** The client library repeats what was not answered, once it can. */
    static final class DoubleApply extends Forwarding {
        private final Queue<Txn> unanswered = new ConcurrentLinkedQueue<>();

        DoubleApply(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            if (isReachable()) {
                for (Txn again = unanswered.poll(); again != null; again = unanswered.poll()) {
                    handle.commit(again);
                }
            }
            return handle.get(key, consistency);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return onFailure(super.commit(txn), failure -> {
                if (failure.outcome() == Outcome.UNKNOWN
                        && txn.lease() == null
                        && txn.conditions().isEmpty()) {
                    unanswered.add(txn);
                }
                return failure;
            });
        }
    }

    /** A broken connection is a failure like any other. */
    static final class UnknownCalledNotApplied extends Forwarding {
        UnknownCalledNotApplied(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return onFailure(
                    super.commit(txn),
                    failure -> failure instanceof UnavailableException
                            ? new UnavailableException(
                                    new KvException.Context(failure.backend(), failure.operation(), failure.path()),
                                    Outcome.NOT_APPLIED,
                                    "the connection broke",
                                    failure)
                            : failure);
        }
    }

    /** Compares what the entry looks like instead of which it is. */
    static final class BlindToRecreation extends Forwarding {
        private final Map<Version, Bytes> values;

        record Version(Key key, long revision) {}

        BlindToRecreation(InMemoryBackend handle, Map<Version, Bytes> values) {
            super(handle);
            this.values = values;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> first = super.commit(txn);
            return plain(first.handle((commit, failure) -> {
                        if (failure == null) {
                            remember(txn, commit.revision());
                            return first;
                        }
                        Condition.RevisionIs expected =
                                only(txn, Condition.RevisionIs.class).orElse(null);
                        return failure instanceof ConditionFailedException && expected != null
                                ? again(first, txn, expected)
                                : first;
                    })
                    .thenCompose(result -> result));
        }

        private void remember(Txn txn, long revision) {
            for (Write write : txn.writes()) {
                if (write instanceof Write.Put put) {
                    values.put(new Version(put.key(), revision), put.value());
                }
            }
        }

        private CompletableFuture<Commit> again(
                CompletableFuture<Commit> first, Txn txn, Condition.RevisionIs expected) {
            KeyValue now = handle.get(expected.key()).join().entryOrNull();
            Bytes then = values.get(new Version(expected.key(), expected.revision()));
            return now != null && then != null && now.value().equals(then)
                    ? super.commit(with(new Condition.RevisionIs(expected.key(), now.revision()), txn))
                    : first;
        }
    }

    /** What did not succeed is written and taken back. */
    static final class FailureThatShows extends Forwarding {
        FailureThatShows(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Condition.Absent expected = only(txn, Condition.Absent.class).orElse(null);
            return onFailure(super.commit(txn), failure -> {
                if (failure instanceof ConditionFailedException && expected != null) {
                    KeyValue before = handle.get(expected.key()).join().entryOrNull();
                    handle.commit(Txn.of(txn.writes().get(0)));
                    if (before != null) {
                        handle.put(before.key(), before.value());
                    }
                }
                return failure;
            });
        }
    }

    /** Reports the condition that the store looked at first, from the end. */
    static final class LastConditionReported extends Forwarding {
        LastConditionReported(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            List<Condition> conditions = new ArrayList<>(txn.conditions());
            Collections.reverse(conditions);
            Txn.Builder reversed = Txn.builder();
            conditions.forEach(reversed::require);
            txn.writes().forEach(reversed::write);
            return super.commit(reversed.build());
        }
    }

    /** Writes one after another, once the conditions hold. */
    static final class TransactionInParts extends Forwarding {
        TransactionInParts(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() < 2 || txn.lease() != null || !isReachable()) {
                return super.commit(txn);
            }
            Txn.Builder first = Txn.builder();
            txn.conditions().forEach(first::require);
            first.write(txn.writes().get(0));
            CompletableFuture<Commit> last = super.commit(first.build());
            for (Write write : txn.writes().subList(1, txn.writes().size())) {
                last = last.thenCompose(commit -> super.commit(Txn.of(write)));
            }
            return plain(last);
        }
    }

    /** Conditions are tested, and then the writes are sent. */
    static final class ConditionsApart extends Forwarding {
        ConditionsApart(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().isEmpty() || txn.conditions().size() < 2 || txn.lease() != null || !isReachable()) {
                return super.commit(txn);
            }
            Txn.Builder test = Txn.builder();
            txn.conditions().forEach(test::require);
            Txn.Builder writes = Txn.builder();
            txn.writes().forEach(writes::write);
            return plain(super.commit(test.build()).thenCompose(held -> {
                Thread.yield();
                return super.commit(writes.build());
            }));
        }
    }

    /** The answer to a delete tells the revision that the store was at before. */
    static final class RevisionBefore extends Forwarding {
        RevisionBefore(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean delete = txn.writes().size() == 1 && txn.writes().get(0) instanceof Write.Delete;
            return Futures.map(
                    super.commit(txn), commit -> delete ? new Commit(Math.max(0, commit.revision() - 1)) : commit);
        }
    }

    /** Deleting what is not there leaves a mark, and the mark is taken away. */
    static final class EmptyDeleteCounts extends Forwarding {
        EmptyDeleteCounts(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean onlyDeletes = !txn.writes().isEmpty()
                    && txn.conditions().isEmpty()
                    && txn.writes().stream().allMatch(Write.Delete.class::isInstance);
            if (onlyDeletes && isReachable()) {
                Key key = txn.writes().get(0).key();
                return plain(handle.get(key).thenCompose(found -> {
                    if (!found.isPresent()) {
                        handle.put(key, Bytes.EMPTY);
                    }
                    return super.commit(txn);
                }));
            }
            return super.commit(txn);
        }
    }

    /** What is too large is cut off in front of the store, with a success. */
    static final class SilentOversize extends Forwarding {
        SilentOversize(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> put(Key key, Bytes value) {
            try {
                return super.put(key, value);
            } catch (IllegalArgumentException e) {
                return Futures.map(handle.list(Directory.ROOT), all -> new Commit(all.revision()));
            }
        }
    }
}
