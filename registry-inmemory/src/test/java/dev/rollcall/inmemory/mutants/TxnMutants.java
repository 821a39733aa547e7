package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Transactions that do something else than they say. */
final class TxnMutants {
    private TxnMutants() {}

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
        private final boolean leased;

        TransactionInParts(InMemoryBackend handle, boolean leased) {
            super(handle);
            this.leased = leased;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() < 2 || (txn.lease() != null) != leased || !isReachable()) {
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
        private final Pairing<Txn> pairing;
        private final boolean leased;

        ConditionsApart(InMemoryBackend handle, Pairing<Txn> pairing, boolean leased) {
            super(handle);
            this.pairing = pairing;
            this.leased = leased;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Set<Key> written = txn.writes().stream().map(Write::key).collect(Collectors.toSet());
            boolean more = txn.conditions().size() > 1
                    || txn.conditions().stream().anyMatch(condition -> !written.contains(condition.key()));
            if (!more || written.isEmpty() || (txn.lease() != null) != leased || !isReachable()) {
                return super.commit(txn);
            }
            Txn.Builder test = Txn.builder();
            txn.conditions().forEach(test::require);
            Txn.Builder writes = Txn.builder();
            txn.writes().forEach(writes::write);
            return plain(super.commit(test.build()).thenCompose(held -> {
                pairing.meet(txn);
                return super.commit(writes.build());
            }));
        }
    }

    /** What could be done of a transaction that failed is done. */
    static final class HalfATransaction extends Forwarding {
        HalfATransaction(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> first = super.commit(txn);
            if (txn.writes().size() < 2 || txn.lease() != null) {
                return first;
            }
            return plain(first.handle((commit, failure) -> failure instanceof ConditionFailedException
                            ? super.commit(Txn.of(txn.writes().get(txn.writes().size() - 1)))
                                    .thenCompose(done -> first)
                            : first)
                    .thenCompose(result -> result));
        }
    }

    /** The server's own limit, which is smaller. */
    static final class SmallerLimit extends Forwarding {
        SmallerLimit(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() > 32) {
                throw new IllegalArgumentException("too many operations in txn request");
            }
            return super.commit(txn);
        }
    }

    /** Puts the writes first into what it sends, and the tests after them. */
    static final class TestsAfterItsWrites extends Forwarding {
        TestsAfterItsWrites(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (txn.writes().size() < 2) {
                return super.commit(txn);
            }
            for (Condition condition : txn.conditions()) {
                if (condition instanceof Condition.Absent
                        && txn.writes().stream()
                                .anyMatch(write -> write instanceof Write.Put
                                        && write.key().equals(condition.key()))) {
                    return CompletableFuture.failedFuture(ConditionFailedException.of(
                            KvException.Context.of(name(), "commit", condition.key()), condition, 1));
                }
            }
            return super.commit(txn);
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
}
