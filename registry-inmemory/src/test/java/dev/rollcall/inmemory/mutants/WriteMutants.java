package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Writes that do something else than they say. */
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
        private final Pairing<Txn> pairing;
        private final boolean leased;

        LostUpdate(InMemoryBackend handle, Pairing<Txn> pairing, boolean leased) {
            super(handle);
            this.pairing = pairing;
            this.leased = leased;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Condition.RevisionIs expected =
                    only(txn, Condition.RevisionIs.class).orElse(null);
            if (expected == null || !(txn.writes().get(0) instanceof Write.Put) || (txn.lease() != null) != leased) {
                return super.commit(txn);
            }
            return plain(handle.get(expected.key()).thenCompose(found -> {
                KeyValue entry = found.entryOrNull();
                if (entry == null || entry.revision() != expected.revision()) {
                    return super.commit(txn);
                }
                pairing.meet(txn);
                return super.commit(with(new Condition.Present(expected.key()), txn));
            }));
        }
    }

    /** A faster way to change a value by a function, which takes no notice of others. */
    static final class ModifyPuts extends Forwarding {
        ModifyPuts(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<KeyValue> modify(Key key, UnaryOperator<Bytes> change) {
            return plain(handle.get(key).thenCompose(found -> {
                KeyValue before = found.entry().orElseThrow();
                Bytes after = change.apply(before.value());
                return handle.put(key, after)
                        .thenApply(commit -> new KeyValue(key, after, commit.revision(), before.leased()));
            }));
        }
    }

    /** Look, then create. */
    static final class CreateByLooking extends Forwarding {
        private final Pairing<Txn> pairing;

        CreateByLooking(InMemoryBackend handle, Pairing<Txn> pairing) {
            super(handle);
            this.pairing = pairing;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Condition.Absent expected = only(txn, Condition.Absent.class).orElse(null);
            if (expected == null || txn.lease() != null) {
                return super.commit(txn);
            }
            return plain(handle.get(expected.key()).thenCompose(found -> {
                if (found.isPresent()) {
                    return super.commit(txn);
                }
                pairing.meet(txn);
                return super.commit(Txn.of(txn.writes().get(0)));
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

    /** The client library repeats what was not answered, before the next write. */
    static final class DoubleApply extends Forwarding {
        private final Queue<Txn> unanswered = new ConcurrentLinkedQueue<>();

        DoubleApply(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (isReachable()) {
                for (Txn again = unanswered.poll(); again != null; again = unanswered.poll()) {
                    handle.commit(again);
                }
            }
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

    /** A create of what exists fails, and writes all the same. */
    static final class FailedCreateOverwrites extends Forwarding {
        FailedCreateOverwrites(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> first = super.commit(txn);
            if (only(txn, Condition.Absent.class).isEmpty() || txn.lease() != null) {
                return first;
            }
            return plain(first.handle((commit, failure) -> failure instanceof ConditionFailedException
                            ? super.commit(Txn.of(txn.writes().get(0))).thenCompose(done -> first)
                            : first)
                    .thenCompose(result -> result));
        }
    }

    /** Acknowledges before anything is on disk. */
    static final class WriteBehind extends Forwarding {
        private volatile @Nullable Key last;

        WriteBehind(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return Futures.map(super.commit(txn), commit -> {
                txn.writes().forEach(write -> last = write.key());
                return commit;
            });
        }

        @Override
        void beforeKill() {
            Key lost = last;
            if (lost != null) {
                handle.commit(Txn.builder().delete(lost).build()).join();
            }
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
