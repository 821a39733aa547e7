package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads that do not give what the store holds. */
final class ReadMutants {
    private ReadMutants() {}

    /** A cache in front of {@code get}, which learns of others' writes one read late. */
    static final class StaleRead extends Forwarding {
        private final Map<Key, GetResult> cache = new ConcurrentHashMap<>();

        StaleRead(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(handle.get(key, consistency), result -> {
                GetResult cached = cache.put(key, result);
                boolean present = cached != null && cached.isPresent() && result.isPresent();
                return present && consistency == ReadConsistency.LINEARIZABLE ? cached : result;
            });
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return Futures.map(super.commit(txn), commit -> {
                cache.clear();
                return commit;
            });
        }
    }

    /** Cheap reads go to a replica, and the next to another, which is behind. */
    static final class SequentialReadGoesBack extends Forwarding {
        private final Map<Key, GetResult> behind = new ConcurrentHashMap<>();
        private final AtomicInteger reads = new AtomicInteger();

        SequentialReadGoesBack(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(handle.get(key, consistency), result -> {
                if (consistency == ReadConsistency.LINEARIZABLE) {
                    return result;
                }
                boolean second = reads.incrementAndGet() % 2 == 0;
                GetResult old = behind.get(key);
                behind.putIfAbsent(key, result);
                return second && old != null ? old : result;
            });
        }
    }

    /** A list read in two pages, each of its own moment. */
    static final class TornList extends Forwarding {
        private final Gap gap;

        TornList(InMemoryBackend handle, Gap gap) {
            super(handle);
            this.gap = gap;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return gap.write(txn, () -> super.commit(txn));
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return plain(handle.list(directory, consistency).thenCompose(first -> {
                Key last = gap.letWrite();
                return last == null
                        ? CompletableFuture.completedFuture(first)
                        : Futures.map(handle.list(directory, consistency), second -> torn(first, last, second));
            }));
        }

        private static Snapshot torn(Snapshot first, Key last, Snapshot second) {
            List<KeyValue> entries = new ArrayList<>();
            first.entries().stream()
                    .filter(entry -> entry.key().compareTo(last) <= 0)
                    .forEach(entries::add);
            second.entries().stream()
                    .filter(entry -> entry.key().compareTo(last) > 0)
                    .forEach(entries::add);
            return new Snapshot(second.directory(), entries, second.revision());
        }
    }

    /** What is not in the cache is a failure, and nobody translates it. */
    static final class AbsenceAsFailure extends Forwarding {
        AbsenceAsFailure(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return plain(handle.get(key, consistency)
                    .thenCompose(result -> result.isPresent() || consistency == ReadConsistency.LINEARIZABLE
                            ? CompletableFuture.completedFuture(result)
                            : CompletableFuture.failedFuture(ConditionFailedException.of(
                                    KvException.Context.of(name(), "get", key), new Condition.Present(key), 0))));
        }
    }

    /** The order of a hash map. */
    static final class UnsortedList extends Forwarding {
        UnsortedList(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(handle.list(directory, consistency), snapshot -> {
                List<KeyValue> entries = new ArrayList<>(snapshot.entries());
                Collections.reverse(entries);
                return new Snapshot(directory, entries, snapshot.revision());
            });
        }

        @Override
        public CompletableFuture<KeyListing> keys(Directory directory) {
            return handle.keys(directory);
        }
    }

    /** The server's page size, taken for the end. */
    static final class ListOfOnePage extends Forwarding {
        private static final int PAGE = 500;

        ListOfOnePage(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(
                    handle.list(directory, consistency),
                    snapshot -> new Snapshot(
                            directory,
                            snapshot.entries().subList(0, Math.min(PAGE, snapshot.size())),
                            snapshot.revision()));
        }
    }

    /** The path of the directory used as a prefix as it is. */
    static final class PrefixWithoutSlash extends Forwarding {
        PrefixWithoutSlash(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            String prefix = directory.path();
            return Futures.map(
                    handle.list(Directory.ROOT, consistency),
                    all -> new Snapshot(
                            directory,
                            all.entries().stream()
                                    .filter(entry -> directory.equals(Directory.ROOT)
                                            || (entry.key().path().startsWith(prefix)
                                                    && !entry.key().path().equals(prefix)))
                                    .toList(),
                            all.revision()));
        }
    }

    /** A cheaper form of the list, from an index that is not up to date. */
    static final class KeysLackTheLast extends Forwarding {
        KeysLackTheLast(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<KeyListing> keys(Directory directory) {
            return Futures.map(
                    handle.keys(directory),
                    listing -> new KeyListing(
                            directory,
                            listing.keys().subList(0, Math.max(0, listing.keys().size() - 1)),
                            listing.revision()));
        }
    }

    /** Null and empty are the same to this one. */
    static final class EmptyIsAbsent extends Forwarding {
        EmptyIsAbsent(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(
                    handle.list(directory, consistency),
                    snapshot -> new Snapshot(
                            directory,
                            snapshot.entries().stream()
                                    .filter(entry -> !entry.value().isEmpty())
                                    .toList(),
                            snapshot.revision()));
        }
    }

    /** An absent key has no revision, says the server, so the client says 0. */
    static final class AbsenceWithoutRevision extends Forwarding {
        AbsenceWithoutRevision(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(
                    handle.get(key, consistency), result -> result.isPresent() ? result : new GetResult(key, null, 0));
        }
    }

    /** The flag is not carried over. */
    static final class LeasedIsForgotten extends Forwarding {
        LeasedIsForgotten(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return Futures.map(
                    handle.get(key, consistency),
                    result -> new GetResult(
                            key,
                            result.entry()
                                    .map(entry -> new KeyValue(key, entry.value(), entry.revision(), false))
                                    .orElse(null),
                            result.revision()));
        }
    }
}
