package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Keys and values that do not come back as they went in, or with company. */
final class KeyMutants {
    private KeyMutants() {}

    /** A name that the server needs for itself. */
    static final class ReservedName extends Forwarding {
        ReservedName(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            for (Write write : txn.writes()) {
                if (write.key().path().startsWith("/zookeeper")) {
                    throw new IllegalArgumentException("The name '" + write.key() + "' is reserved.");
                }
            }
            return super.commit(txn);
        }
    }

    /** Texts that Unicode calls equivalent are one key. */
    static final class NormalisedKeys extends Forwarding {
        NormalisedKeys(InMemoryBackend handle) {
            super(handle);
        }

        private static Key normal(Key key) {
            String text = Normalizer.normalize(key.path(), Normalizer.Form.NFC);
            // Some ideographs have a normal form beyond the characters that keys may have; a store keeps those as they are.
            return text.equals(key.path()) || text.chars().anyMatch(c -> Character.isSurrogate((char) c))
                    ? key
                    : Key.of(text);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            Key normal = normal(key);
            return normal.equals(key)
                    ? handle.get(key, consistency)
                    : Futures.map(
                            handle.get(normal, consistency),
                            result -> new GetResult(
                                    key,
                                    result.entry()
                                            .map(entry ->
                                                    new KeyValue(key, entry.value(), entry.revision(), entry.leased()))
                                            .orElse(null),
                                    result.revision()));
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean plain =
                    txn.writes().stream().allMatch(write -> normal(write.key()).equals(write.key()));
            if (plain || txn.writes().size() > 1) {
                return super.commit(txn);
            }
            Key key = normal(txn.writes().get(0).key());
            Txn.Builder changed = Txn.builder();
            txn.conditions()
                    .forEach(condition -> changed.require(
                            condition instanceof Condition.RevisionIs expected
                                    ? new Condition.RevisionIs(key, expected.revision())
                                    : condition instanceof Condition.Present
                                            ? new Condition.Present(key)
                                            : new Condition.Absent(key)));
            txn.writes()
                    .forEach(write -> changed.write(
                            write instanceof Write.Put put
                                    ? new Write.Put(key, put.value(), put.lease())
                                    : new Write.Delete(key)));
            return super.commit(changed.build());
        }
    }

    /** A node is deleted with everything below it. */
    static final class DeleteTakesTheSubtree extends Forwarding {
        DeleteTakesTheSubtree(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> delete(Key key) {
            return plain(handle.keys(key.asDirectory()).thenCompose(below -> {
                Txn.Builder txn = Txn.builder().ifPresent(key).delete(key);
                below.keys().forEach(txn::delete);
                return super.commit(txn.build());
            }));
        }
    }

    /** The nodes on the way to a key are created, and are there. */
    static final class ParentsShow extends Forwarding {
        ParentsShow(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> put(Key key, Bytes value) {
            for (Directory at = key.parent(); isReachable() && at.path().indexOf('/', 1) > 0; ) {
                Key node = Key.of(at.path());
                handle.create(node, Bytes.EMPTY);
                at = node.parent();
            }
            return super.put(key, value);
        }
    }

    /** Leases are kept in a list, which lies in the store like everything. */
    static final class BookkeepingShows extends Forwarding {
        BookkeepingShows(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return plain(handle.grantLease(ttl)
                    .thenCompose(lease -> Futures.map(
                            handle.put(Key.of("/.leases/" + lease.id()), Bytes.EMPTY, lease), commit -> lease)));
        }
    }

    /** A value is a text to this one. */
    static final class ValuesAsText extends Forwarding {
        ValuesAsText(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return super.commit(rewritten(
                    txn,
                    write -> write instanceof Write.Put put
                            ? new Write.Put(
                                    put.key(),
                                    Bytes.ofUtf8(new String(put.value().toByteArray(), StandardCharsets.US_ASCII)
                                            .replace('\ufffd', '?')),
                                    put.lease())
                            : write));
        }
    }
}
