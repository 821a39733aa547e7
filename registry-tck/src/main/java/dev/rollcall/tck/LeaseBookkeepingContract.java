package dev.rollcall.tck;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which entry is on which lease, after more than one write: a backend with a table of its own easily leaves rows behind. */
public interface LeaseBookkeepingContract extends Contract {
    /** How many entries a lease of these tests has: more than any store takes in one go, and as many as each must be able to end. */
    int MANY = Limits.MIN_LEASE_ENTRIES;

    /** If this fails: the lease is taken for one of the transaction, and not of each of its writes. */
    @Test
    @Rule("LEASE-6")
    default void leaseOfOneWriteIsNotThatOfTheOthersBesideIt(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        Lease second = kit.lease(holder);
        Key leased = kit.key("leased");
        Key created = kit.key("plain-created");
        Key changed = kit.key("plain-changed");
        Key elsewhere = kit.key("on-the-second-lease");
        kit.put(changed, "1");
        kit.await(holder.put(elsewhere, Bytes.ofUtf8("1"), second));
        kit.await(holder.commit(Txn.builder()
                .put(created, Bytes.ofUtf8("2"))
                .put(changed, Bytes.ofUtf8("2"))
                .put(elsewhere, Bytes.ofUtf8("2"))
                .put(leased, Bytes.ofUtf8("2"), lease)
                .build()));
        String when = "after a transaction that puts one key with a lease and others without";
        Cut cut = kit.list(other, kit.dir());
        Expect.leased("LEASE-6", when, cut, leased, true);
        Expect.leased("LEASE-6", when, cut, created, false);
        Expect.leased("LEASE-6", when, cut, changed, false);
        Expect.leased("LEASE-6", when, cut, elsewhere, true);
        kit.revoke(lease);
        Expect.left(
                kit,
                "LEASE-6",
                "once the lease of one put of a transaction was revoked",
                other,
                kit.dir(),
                created,
                changed,
                elsewhere);
        kit.revoke(second);
        Expect.left(
                kit,
                "LEASE-6",
                "once the lease was revoked that a key kept through a put without one",
                other,
                kit.dir(),
                created,
                changed);
    }

    /** If this fails: a compare-and-set, or a write by another handle, replaces the row and with it the lease. */
    @Test
    @Rule("LEASE-6")
    default void conditionalWritesOfAnyHandleKeepTheLease(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        Key cas = kit.key("compare-and-set");
        Key inTxn = kit.key("transaction");
        Key present = kit.key("present");
        Key own = kit.key("by-the-holder");
        List<Key> keys = List.of(cas, inTxn, present, own);
        for (Key key : keys) {
            kit.await(holder.create(key, Bytes.ofUtf8("1"), lease));
        }
        long second = kit.await(other.update(cas, Bytes.ofUtf8("2"), revision(kit, holder, cas)))
                .revision();
        kit.await(other.update(cas, Bytes.ofUtf8("3"), second));
        kit.await(other.commit(Txn.builder()
                .ifRevision(inTxn, revision(kit, holder, inTxn))
                .put(inTxn, Bytes.ofUtf8("2"))
                .put(kit.key("plain"), Bytes.ofUtf8("2"))
                .build()));
        kit.await(other.commit(
                Txn.builder().ifPresent(present).put(present, Bytes.ofUtf8("2")).build()));
        kit.await(holder.update(own, Bytes.ofUtf8("2"), revision(kit, holder, own)));
        Cut cut = kit.list(other, kit.dir());
        for (Key key : keys) {
            Expect.leased("LEASE-6", "after a conditional write without a lease", cut, key, true);
        }
        kit.revoke(lease);
        Expect.left(
                kit,
                "LEASE-6",
                "once the lease was revoked that entries kept through conditional writes",
                other,
                kit.dir(),
                kit.key("plain"));
    }

    private static long revision(Kit kit, KvBackend reader, Key key) {
        return kit.await(reader.get(key)).entry().orElseThrow().revision();
    }

    /** If this fails: where an entry was moved before is remembered for longer than where it is. */
    @Test
    @Rule("LEASE-7")
    default void entryThatCameBackToALeaseLivesOnThatOne(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease first = kit.lease(holder);
        Lease second = kit.lease(holder);
        Lease others = kit.lease(other);
        Key within = kit.key("within-a-handle");
        Key between = kit.key("between-handles");
        for (Lease lease : List.of(first, second, first)) {
            kit.await(holder.put(within, Bytes.ofUtf8("1"), lease));
        }
        kit.await(holder.put(between, Bytes.ofUtf8("1"), first));
        kit.await(other.put(between, Bytes.ofUtf8("1"), others));
        kit.await(holder.put(between, Bytes.ofUtf8("1"), first));
        kit.revoke(second);
        kit.revoke(others);
        String when = "once the lease was revoked which two keys had before they came back to their first";
        Expect.left(kit, "LEASE-7", when, other, kit.dir(), within, between);
        Cut cut = kit.list(other, kit.dir());
        Expect.leased("LEASE-7", when, cut, within, true);
        Expect.leased("LEASE-7", when, cut, between, true);
        kit.revoke(first);
        Expect.left(kit, "LEASE-7", "once the lease was revoked to which two keys had come back", other, kit.dir());
    }

    /** If this fails: entries are deleted in pages, or only the first page of them. */
    @Test
    @Rule({"LEASE-9", "LEASE-3"})
    default void hundredsOfEntriesGoWithTheirLease(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        wentTogether(FaultSteps.deletionsOf(kit, () -> {
            Lease lease = kit.lease(holder);
            putMany(kit, holder, lease);
            RecordingListener listener = kit.watching(other);
            kit.revoke(lease);
            Expect.onlyKeys(
                    "LEASE-9",
                    "once a lease with " + MANY + " entries was revoked",
                    kit.list(other, kit.dir()),
                    kit.key("kept"));
            kit.fence(listener);
            return listener;
        }));
    }

    /** If this fails: entries are deleted in pages, or only the first page of them. */
    @Test
    @Rule({"LEASE-2", "LEASE-3"})
    @Needs(Hook.EXPIRE_LEASE)
    default void hundredsOfEntriesGoWithALeaseThatExpires(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        wentTogether(FaultSteps.deletionsOf(kit, () -> {
            Lease lease = kit.lease(holder);
            putMany(kit, holder, lease);
            RecordingListener listener = kit.watching(other);
            kit.store().expire(kit.handle(holder), lease);
            Expect.onlyKeys(
                    "LEASE-2",
                    "once a lease with " + MANY + " entries had expired",
                    kit.list(other, kit.dir()),
                    kit.key("kept"));
            kit.fence(listener);
            return listener;
        }));
    }

    private static void putMany(Kit kit, KvBackend holder, Lease lease) {
        for (int from = 0; from < MANY; from += Limits.MAX_TXN_WRITES) {
            Txn.Builder txn = Txn.builder();
            for (int i = from; i < Math.min(MANY, from + Limits.MAX_TXN_WRITES); i++) {
                txn.put(kit.key(String.format("d%d/k%03d", i % 3, i)), Bytes.ofUtf8("v"), lease);
            }
            kit.await(holder.commit(txn.build()));
        }
        kit.put(kit.key("kept"), "v");
    }

    private static void wentTogether(List<Change> deletions) {
        Expect.that(
                "LEASE-3",
                deletions.size() == MANY,
                () -> "The lease had " + MANY + " entries when it ended, but a watch was told of " + deletions.size()
                        + " deletions.");
        FaultSteps.wentTogether(deletions);
    }

    /** If this fails: a handle remembers one lease only, or gives up at the first that it cannot end. */
    @Test
    @Rule("LEASE-10")
    default void closeOfAHandleEndsEachOfItsLeases(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Lease lease = kit.lease(holder);
            leases.add(lease);
            for (int k = 0; k < 3; k++) {
                kit.await(holder.put(kit.key("lease-" + i + "/k" + k), Bytes.EMPTY, lease));
            }
        }
        // One that has ended, among those that have not.
        kit.revoke(leases.get(1));
        Lease others = kit.lease(other);
        kit.await(other.put(kit.key("others"), Bytes.EMPTY, others));
        holder.close();
        Duration soon = leases.get(0).ttl().dividedBy(3);
        boolean gone =
                kit.elapseUntil(soon, () -> kit.list(other, kit.dir()).entries().size() == 1);
        // Well before the ttl could have done it.
        Expect.that(
                "LEASE-10",
                gone,
                () -> soon.toMillis() + " ms after a handle with several leases was closed, the store still holds "
                        + kit.list(other, kit.dir()).entries().keySet() + "; close() must end every lease at once.");
        Expect.onlyKeys("LEASE-10", "after another handle was closed", kit.list(other, kit.dir()), kit.key("others"));
    }

    @Test
    @Rule({"LEASE-10", "LEASE-9", "LEASE-12"})
    default void leaseOfAHandleThatWasClosedIsOver(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Lease lease = kit.lease(holder);
        Key key = kit.key("k");
        kit.await(holder.put(key, Bytes.EMPTY, lease));
        holder.close();
        Expect.that("LEASE-10", !lease.isHeld(), () -> "isHeld() is true after the handle was closed.");
        kit.eventually(
                "LEASE-10",
                "ended() of a lease completes when its handle is closed",
                () -> lease.ended().toCompletableFuture().isDone());
        LeaseEnd end = kit.await(lease.ended().toCompletableFuture());
        Expect.that(
                "LEASE-10",
                end == LeaseEnd.REVOKED,
                () -> "ended() of a lease says " + end + " after its handle was closed; it must say REVOKED.");
        kit.put(other, key, "new");
        Expect.succeeds(kit, "LEASE-9", "revoke() of a lease that the close of its handle had ended", lease.revoke());
        lease.close();
        KvException refusal = kit.failure(holder.put(key, Bytes.ofUtf8("late"), lease));
        Expect.that(
                "LEASE-10",
                refusal instanceof BackendClosedException && Kit.notApplied(refusal),
                () -> "A put with the lease of a closed handle, on that handle, failed with " + refusal
                        + " It must fail with BackendClosedException, NOT_APPLIED.");
        refusedByAnotherHandle(other, key, lease);
        String value = kit.read(other, key);
        Expect.that(
                "LEASE-9",
                "new".equals(value),
                () -> "What another handle wrote after the lease had ended was '" + value
                        + "' when the lease was revoked again; it must have stayed 'new'.");
    }

    private static void refusedByAnotherHandle(KvBackend other, Key key, Lease lease) {
        try {
            other.put(key, Bytes.ofUtf8("foreign"), lease);
        } catch (IllegalArgumentException e) {
            return;
        }
        throw new RuleViolation(
                "LEASE-12", "A lease of a handle that was closed was taken by another; it must be refused.");
    }

    @Test
    @Rule("LEASE-13")
    default void sequentialReadsTellWhetherAnEntryIsLeased(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        Key leased = kit.key("leased");
        Key plain = kit.key("plain");
        Key moved = kit.key("plain-then-leased");
        kit.put(moved, "1");
        kit.await(holder.create(leased, Bytes.EMPTY, lease));
        kit.put(plain, "1");
        kit.await(holder.put(moved, Bytes.ofUtf8("1"), lease));
        for (KvBackend reader : List.of(holder, other)) {
            // From here on a sequential read is at least as new.
            kit.list(reader, kit.dir());
            Snapshot list = kit.await(reader.list(kit.dir(), ReadConsistency.SEQUENTIAL));
            for (Key key : List.of(leased, plain, moved)) {
                GetResult got = kit.await(reader.get(key, ReadConsistency.SEQUENTIAL));
                Expect.leased("LEASE-13", "in a sequential get", key, got.entryOrNull(), !key.equals(plain));
                KeyValue listed = list.get(key).orElse(null);
                Expect.leased("LEASE-13", "in a sequential list", key, listed, !key.equals(plain));
            }
        }
    }

    @Test
    @Rule("LEASE-13")
    @Needs({Hook.CUT, Hook.COMPACT})
    default void whatClosesAGapTellsWhetherAnEntryIsLeased(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend observer = kit.open();
        Lease lease = kit.lease(holder);
        Key before = kit.key("leased-before");
        Key during = kit.key("leased-during");
        Key moved = kit.key("plain-then-leased");
        Key plain = kit.key("plain");
        kit.await(holder.put(before, Bytes.EMPTY, lease));
        kit.put(holder, moved, "1");
        for (boolean compacted : new boolean[] {false, true}) {
            RecordingListener listener = kit.watching(observer);
            kit.store().cut(kit.handle(observer));
            kit.await(holder.put(during, Bytes.ofUtf8("2"), lease));
            kit.await(holder.put(moved, Bytes.ofUtf8("1"), lease));
            long last = kit.put(holder, plain, "2");
            if (compacted) {
                kit.store().compact();
            }
            kit.store().heal(kit.handle(observer));
            kit.eventually(
                    "WATCH-11",
                    "a watch delivers what was written while its handle was cut off",
                    () -> listener.revision() >= last);
            String where = "in what a watch holds after a cut" + (compacted ? " and a compaction" : "");
            for (Key key : List.of(before, during, moved, plain)) {
                Expect.leased("LEASE-13", where, listener.held(), key, !key.equals(plain));
            }
            listener.close();
            kit.await(holder.delete(moved));
            kit.put(holder, moved, "1");
        }
    }

    /** The last renewal was not before the grant, and so neither is the ttl over before the grant's is. */
    @Test
    @Rule("LEASE-2")
    @Needs(Hook.CUT)
    default void entriesOfASilentHolderStayForTheTtl(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        kit.await(holder.get(kit.key("connected")));
        long start = kit.storeNanos();
        Lease lease = kit.lease(holder);
        kit.await(holder.put(kit.key("k"), Bytes.EMPTY, lease));
        kit.store().cut(kit.handle(holder));
        long sooner = start + lease.ttl().toNanos();
        // Up to a hair before: where time is virtual, what is due at a moment happens in it.
        long rest = sooner - kit.storeNanos() - Duration.ofMillis(20).toNanos();
        // An answer tells how things were some time before it: only one that is there before the end of the ttl tells
        // that it was not over.
        boolean early = rest > 0
                && kit.happensWithin(
                        Duration.ofNanos(rest),
                        () -> kit.read(other, kit.key("k")) == null && kit.storeNanos() < sooner);
        Expect.that(
                "LEASE-2",
                !early,
                () -> "The entry of a holder that fell silent was gone "
                        + Duration.ofNanos(kit.storeNanos() - start).toMillis()
                        + " ms after its lease was asked for, though the ttl granted is "
                        + lease.ttl().toMillis() + " ms.");
    }
}
