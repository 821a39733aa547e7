package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** All or nothing, at one moment. */
public interface TxnContract extends Contract {
    @Test
    @Rule("TXN-1")
    default void transactionAppliesAllOrNothing(Kit kit) {
        KvBackend backend = kit.backend();
        Key from = kit.key("from");
        Key to = kit.key("to/deep");
        long revision = kit.put(from, "1");
        kit.failure(
                backend.commit(Txn.builder()
                        .ifRevision(from, revision + 1)
                        .delete(from)
                        .put(to, Bytes.ofUtf8("1"))
                        .build()),
                RevisionMismatchException.class);
        assertThat(kit.list(backend, kit.dir()).entries())
                .as("after a transaction that failed")
                .containsOnlyKeys(from);
        long moved = kit.await(backend.commit(Txn.builder()
                        .ifRevision(from, revision)
                        .ifAbsent(to)
                        .delete(from)
                        .put(to, Bytes.ofUtf8("1"))
                        .build()))
                .revision();
        Cut after = kit.list(backend, kit.dir());
        assertThat(after.entries()).as("after a transaction that succeeded").containsOnlyKeys(to);
        assertThat(after.entry(to).revision()).isEqualTo(moved);
    }

    @Test
    @Rule("TXN-1")
    default void everyConditionCountsWhereverItStands(Kit kit) {
        KvBackend backend = kit.backend();
        long revision = kit.put(kit.key("present"), "1");
        List<Condition> holding = List.of(
                new Condition.Present(kit.key("present")),
                new Condition.Absent(kit.key("absent")),
                new Condition.RevisionIs(kit.key("other"), kit.put(kit.key("other"), "1")));
        List<Condition> failing = List.of(
                new Condition.Absent(kit.key("present")),
                new Condition.Present(kit.key("absent")),
                new Condition.RevisionIs(kit.key("present"), revision + 1),
                new Condition.RevisionIs(kit.key("absent"), revision));
        for (int round = 0; round < 30; round++) {
            Condition bad = failing.get(round % failing.size());
            List<Condition> conditions = new ArrayList<>(holding);
            conditions.removeIf(condition -> condition.key().equals(bad.key()));
            conditions.add(bad);
            Collections.shuffle(conditions, kit.random());
            Txn.Builder txn = Txn.builder().put(kit.key("written"), Bytes.EMPTY);
            conditions.forEach(txn::require);
            ConditionFailedException failure = kit.failure(backend.commit(txn.build()), ConditionFailedException.class);
            assertThat(failure.condition()).isEqualTo(bad);
            assertThat(kit.await(backend.get(kit.key("written"))).isPresent())
                    .as("a write under %s", conditions)
                    .isFalse();
        }
        Txn.Builder good = Txn.builder().put(kit.key("written"), Bytes.EMPTY);
        holding.forEach(good::require);
        kit.await(backend.commit(good.build()));
        assertThat(kit.await(backend.get(kit.key("written"))).entry()).isPresent();
    }

    @Test
    @Rule("TXN-2")
    default void firstConditionThatDoesNotHoldIsReported(Kit kit) {
        KvBackend backend = kit.backend();
        long a = kit.put(kit.key("a"), "1");
        long b = kit.put(kit.key("b"), "1");
        List<Condition> failing = new ArrayList<>(List.of(
                new Condition.Absent(kit.key("a")),
                new Condition.RevisionIs(kit.key("b"), b + 7),
                new Condition.Present(kit.key("c")),
                new Condition.RevisionIs(kit.key("d"), 5)));
        for (int round = 0; round < 12; round++) {
            Collections.shuffle(failing, kit.random());
            Txn.Builder txn = Txn.builder().ifAbsent(kit.key("holds")).put(kit.key("w"), Bytes.EMPTY);
            failing.forEach(txn::require);
            ConditionFailedException failure = kit.failure(backend.commit(txn.build()), ConditionFailedException.class);
            Condition first = failing.get(0);
            assertThat(failure.condition())
                    .as("the first condition that does not hold, of %s", failing)
                    .isEqualTo(first);
            switch (first.key().name()) {
                case "a" -> assertThat(failure).isInstanceOf(KeyExistsException.class);
                case "c" -> assertThat(failure).isInstanceOf(KeyNotFoundException.class);
                default -> assertThat(failure).isInstanceOf(RevisionMismatchException.class);
            }
            assertThat(failure.actualRevision().orElse(0))
                    .as("the revision found")
                    .isEqualTo(
                            first.key().name().equals("a")
                                    ? a
                                    : first.key().name().equals("b") ? b : 0);
        }
    }

    /** If this fails: conditions are read first and the writes sent later, without the store checking them again. */
    @Test
    @Rule("TXN-3")
    default void ofTwoTransactionsThatExcludeEachOtherAtMostOneSucceeds(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open());
        for (int round = 0; round < 60; round++) {
            Key left = kit.key("left-" + round);
            Key right = kit.key("right-" + round);
            AtomicInteger successes = new AtomicInteger();
            Crowd.of(2).run(worker -> {
                Key mine = worker == 0 ? left : right;
                Key others = worker == 0 ? right : left;
                CompletableFuture<Commit> claim = handles.get(worker)
                        .commit(Txn.builder()
                                .ifAbsent(others)
                                .put(mine, Bytes.ofUtf8("on call"))
                                .build());
                if (kit.succeeded(claim)) {
                    successes.incrementAndGet();
                }
            });
            assertThat(successes.get())
                    .as("successes of two transactions, each requiring what the other changes")
                    .isEqualTo(1);
        }
    }

    @Test
    @Rule("TXN-3")
    default void sumOfTwoAccountsIsKeptByTransfers(Kit kit) {
        List<KvBackend> handles = List.of(kit.backend(), kit.open());
        List<Key> accounts = List.of(kit.key("a"), kit.key("b/c"), kit.key("d"));
        accounts.forEach(account -> kit.put(account, "100"));
        Crowd.of(4).run(worker -> {
            KvBackend handle = handles.get(worker % 2);
            for (int i = 0; i < 30; i++) {
                Cut cut = kit.list(handle, kit.dir());
                int sum = cut.entries().values().stream()
                        .mapToInt(entry -> Integer.parseInt(entry.value().utf8()))
                        .sum();
                assertThat(sum)
                        .as("the sum of all accounts at revision %d", cut.revision())
                        .isEqualTo(300);
                Key from = accounts.get((worker + i) % 3);
                Key to = accounts.get((worker + i + 1) % 3);
                int have = Integer.parseInt(cut.entry(from).value().utf8());
                int has = Integer.parseInt(cut.entry(to).value().utf8());
                kit.succeeded(handle.commit(Txn.builder()
                        .ifRevision(from, cut.entry(from).revision())
                        .ifRevision(to, cut.entry(to).revision())
                        .put(from, Bytes.ofUtf8(Integer.toString(have - 1)))
                        .put(to, Bytes.ofUtf8(Integer.toString(has + 1)))
                        .build()));
            }
        });
    }

    @Test
    @Rule("TXN-4")
    default void transactionWithoutWritesTestsItsConditions(Kit kit) {
        KvBackend backend = kit.backend();
        long revision = kit.put(kit.key("k"), "1");
        Commit tested = kit.await(backend.commit(Txn.builder()
                .ifRevision(kit.key("k"), revision)
                .ifAbsent(kit.key("absent"))
                .build()));
        assertThat(tested.revision()).isGreaterThanOrEqualTo(revision);
        kit.failure(backend.commit(Txn.builder().ifAbsent(kit.key("k")).build()), KeyExistsException.class);
        kit.failure(backend.commit(Txn.builder().ifPresent(kit.key("absent")).build()), KeyNotFoundException.class);
        kit.await(backend.commit(Txn.builder().build()));
        assertThat(kit.list(backend, kit.dir()).entry(kit.key("k")).revision()).isEqualTo(revision);
    }

    @Test
    @Rule("TXN-4")
    default void deletesThatFindNothingSucceedWithoutAChange(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("beside"), "1");
        kit.put(kit.key("parent/child"), "1");
        RecordingListener listener = kit.watching(backend);
        kit.await(backend.commit(Txn.builder()
                .delete(kit.key("absent"))
                .delete(kit.key("parent"))
                .delete(kit.key("x/y/z"))
                .build()));
        long written = kit.await(backend.commit(Txn.builder()
                        .delete(kit.key("absent"))
                        .put(kit.key("present"), Bytes.EMPTY)
                        .build()))
                .revision();
        assertThat(kit.list(backend, kit.dir()).entries())
                .containsOnlyKeys(kit.key("beside"), kit.key("parent/child"), kit.key("present"));
        long fence = kit.fence(listener);
        assertThat(listener.changes()).extracting(change -> change.revision()).containsExactly(written, fence);
    }

    @Test
    @Rule("TXN-5")
    default void transactionsBeyondTheLimitsAreRefusedAtConstruction(Kit kit) {
        KvBackend backend = kit.backend();
        Lease one = kit.lease(backend);
        Lease two = kit.lease(backend);
        Key key = kit.key("k");
        refused("written twice", Txn.builder().put(key, Bytes.EMPTY).put(key, Bytes.EMPTY));
        refused("written twice", Txn.builder().put(key, Bytes.EMPTY).delete(key));
        refused("tested twice", Txn.builder().ifAbsent(key).ifPresent(key));
        refused("at most one lease", Txn.builder().put(key, Bytes.EMPTY, one).put(kit.key("l"), Bytes.EMPTY, two));
        Txn.Builder writes = Txn.builder();
        Txn.Builder conditions = Txn.builder();
        for (int i = 0; i <= Limits.MAX_TXN_WRITES; i++) {
            writes.put(kit.key("k" + i), Bytes.EMPTY);
            conditions.ifAbsent(kit.key("k" + i));
        }
        refused("at most 64 writes", writes);
        refused("at most 64 conditions", conditions);
        Bytes largest = Bytes.unsafeWrap(new byte[Limits.MAX_VALUE_BYTES]);
        refused("more than the limit", Txn.builder().put(kit.key("a"), largest).put(kit.key("b"), largest));
        assertThat(kit.list(backend, kit.dir()).entries()).isEmpty();
    }

    private static void refused(String reason, Txn.Builder txn) {
        assertThatIllegalArgumentException().isThrownBy(txn::build).withMessageContaining(reason);
    }

    /** If this fails: the store's own limits on operations or bytes of a request are smaller than the contract's. */
    @Test
    @Rule({"TXN-5", "TXN-1"})
    default void largestTransactionsAreTaken(Kit kit) {
        KvBackend backend = kit.backend();
        kit.proves("TXN-5");
        Txn.Builder many = Txn.builder();
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            many.put(kit.key("deep/er/k" + i), Bytes.ofUtf8("v" + i)).ifAbsent(kit.key("deep/er/k" + i));
        }
        kit.await(backend.commit(many.build()));
        kit.proves("TXN-1");
        assertThat(kit.list(backend, kit.dir()).entries()).hasSize(Limits.MAX_TXN_WRITES);
        Txn.Builder gone = Txn.builder();
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            gone.delete(kit.key("deep/er/k" + i)).ifPresent(kit.key("deep/er/k" + i));
        }
        kit.await(backend.commit(gone.build()));
        assertThat(kit.list(backend, kit.dir()).entries()).isEmpty();
        kit.proves("TXN-5");
        Txn.Builder large = Txn.builder();
        int each = Limits.MAX_TXN_BYTES / Limits.MAX_TXN_WRITES - 64;
        for (int i = 0; i < Limits.MAX_TXN_WRITES; i++) {
            large.put(kit.key("large-" + i), Bytes.unsafeWrap(new byte[each]));
        }
        long revision = kit.await(backend.commit(large.build())).revision();
        kit.proves("TXN-1");
        assertThat(kit.list(backend, kit.dir()).entries().values())
                .hasSize(Limits.MAX_TXN_WRITES)
                .allSatisfy(entry -> assertThat(entry.revision()).isEqualTo(revision));
    }

    @Test
    @Rule("TXN-6")
    default void conditionsSeeTheStateBeforeTheTransactionsOwnWrites(Kit kit) {
        KvBackend backend = kit.backend();
        Key key = kit.key("k");
        Key other = kit.key("l");
        long created = kit.await(backend.commit(Txn.builder()
                        .put(key, Bytes.ofUtf8("1"))
                        .ifAbsent(key)
                        .put(other, Bytes.ofUtf8("1"))
                        .ifAbsent(other)
                        .build()))
                .revision();
        kit.await(backend.commit(Txn.builder()
                .delete(key)
                .ifRevision(key, created)
                .put(other, Bytes.ofUtf8("2"))
                .ifPresent(other)
                .build()));
        assertThat(kit.list(backend, kit.dir()).entries()).containsOnlyKeys(other);
        kit.failure(
                backend.commit(
                        Txn.builder().put(key, Bytes.ofUtf8("3")).ifPresent(key).build()),
                KeyNotFoundException.class);
    }
}
