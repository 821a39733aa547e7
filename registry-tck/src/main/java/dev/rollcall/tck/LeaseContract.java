package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The entries of a lease, and the operations of its holder. */
public interface LeaseContract extends Contract {
    /** If this fails: nothing renews the lease, or the renewals stop when one of them is late. */
    @Test
    @Rule("LEASE-1")
    default void entriesOutliveManyTtlsOfALiveHolder(Kit kit) {
        // Where time costs nothing, as long as it takes a count or a token to run out.
        int ttls = kit.isTimeVirtual() ? 50 : 4;
        FaultSteps.survives(kit, "an entry of a live holder went within " + ttls + " ttls", ttl -> {
            KvBackend holder = kit.open();
            KvBackend other = kit.backend();
            List<Lease> leases = new ArrayList<>();
            long began = System.nanoTime();
            boolean put = true;
            for (int i = 0; i < 20 && put; i++) {
                Lease lease = kit.lease(holder, ttl);
                leases.add(lease);
                put = kit.succeeded(holder.put(kit.key("k" + i), Bytes.ofUtf8("v"), lease));
            }
            Duration used = Duration.ofNanos(System.nanoTime() - began);
            Duration granted = leases.get(0).ttl();
            boolean gone = !put
                    || kit.happensWithin(
                            granted.multipliedBy(ttls),
                            () -> kit.list(other, kit.dir()).entries().size() < 20
                                    || !leases.stream().allMatch(LeaseContract::isWell));
            return FaultSteps.Survival.of(
                    gone,
                    put ? kit.everybodyHadATurnWithin(granted.dividedBy(4)) : used.compareTo(granted.dividedBy(2)) < 0);
        });
    }

    private static boolean isWell(Lease lease) {
        return lease.isHeld() && !lease.ended().toCompletableFuture().isDone();
    }

    @Test
    @Rule({"LEASE-6", "LEASE-13"})
    default void putAndUpdateWithoutALeaseKeepTheOneThereIs(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        kit.proves("LEASE-6");
        Lease lease = kit.lease(holder);
        List<Key> keys = List.of(kit.key("put"), kit.key("update"), kit.key("cas"), kit.key("txn"));
        for (Key key : keys) {
            kit.await(holder.put(key, Bytes.ofUtf8("1"), lease));
        }
        kit.await(other.put(keys.get(0), Bytes.ofUtf8("2")));
        kit.await(other.update(keys.get(1), Bytes.ofUtf8("2")));
        long revision = kit.await(other.get(keys.get(2))).entry().orElseThrow().revision();
        kit.await(holder.update(keys.get(2), Bytes.ofUtf8("2"), revision));
        kit.await(other.commit(Txn.builder()
                .put(keys.get(3), Bytes.ofUtf8("2"))
                .put(kit.key("plain"), Bytes.ofUtf8("2"))
                .build()));
        Cut cut = kit.list(other, kit.dir());
        for (Key key : keys) {
            assertThat(cut.entry(key).value().utf8()).isEqualTo("2");
            assertThat(cut.entry(key).leased())
                    .as("whether %s is leased after a write without a lease", key)
                    .isTrue();
        }
        assertThat(cut.entry(kit.key("plain")).leased()).isFalse();
        kit.revoke(lease);
        Expect.left(kit, "LEASE-6", "once the lease was revoked", other, kit.dir(), kit.key("plain"));
    }

    @Test
    @Rule({"LEASE-7", "LEASE-13"})
    default void putWithALeaseMovesTheEntryToIt(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        kit.proves("LEASE-7");
        Lease first = kit.lease(holder);
        Lease second = kit.lease(holder);
        Lease others = kit.lease(other);
        Key key = kit.key("k");
        Key taken = kit.key("taken");
        Key plain = kit.key("plain");
        kit.put(plain, "1");
        kit.await(holder.put(key, Bytes.ofUtf8("1"), first));
        kit.await(holder.put(taken, Bytes.ofUtf8("1"), first));
        kit.await(holder.put(key, Bytes.ofUtf8("2"), second));
        kit.await(other.put(taken, Bytes.ofUtf8("2"), others));
        kit.await(holder.put(plain, Bytes.ofUtf8("2"), second));
        kit.proves("LEASE-13");
        assertThat(kit.list(other, kit.dir()).entry(plain).leased()).isTrue();
        kit.proves("LEASE-7");
        kit.revoke(first);
        Expect.left(
                kit,
                "LEASE-7",
                "once the lease was revoked that two keys had before",
                other,
                kit.dir(),
                key,
                taken,
                plain);
        kit.revoke(second);
        Expect.left(kit, "LEASE-7", "once the lease was revoked that two keys were moved to", other, kit.dir(), taken);
        kit.revoke(others);
        Expect.left(
                kit,
                "LEASE-7",
                "once the lease was revoked that a key of another handle had gone to",
                other,
                kit.dir());
    }

    /** If this fails: the clean-up of a lease deletes by name, and not what the lease put there. */
    @Test
    @Rule("LEASE-8")
    default void endOfALeaseSparesWhatWasCreatedAgainWithoutIt(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        Lease others = kit.lease(other);
        List<Key> keys =
                List.of(kit.key("by-holder"), kit.key("by-other"), kit.key("on-other-lease"), kit.key("in-one-txn"));
        for (Key key : keys) {
            kit.await(holder.put(key, Bytes.ofUtf8("old"), lease));
            if (!key.name().equals("in-one-txn")) {
                kit.await(other.delete(key));
            }
        }
        kit.await(holder.create(keys.get(0), Bytes.ofUtf8("new")));
        kit.await(other.create(keys.get(1), Bytes.ofUtf8("new")));
        kit.await(other.create(keys.get(2), Bytes.ofUtf8("new"), others));
        kit.await(other.commit(
                Txn.builder().ifPresent(keys.get(3)).delete(keys.get(3)).build()));
        kit.await(other.put(keys.get(3), Bytes.ofUtf8("new")));
        kit.revoke(lease);
        Cut cut = kit.list(other, kit.dir());
        for (Key key : keys) {
            assertThat(cut.entry(key).value().utf8()).isEqualTo("new");
            assertThat(cut.entry(key).leased()).isEqualTo(key.name().equals("on-other-lease"));
        }
    }

    @Test
    @Rule({"LEASE-9", "LEASE-3"})
    default void revokeDeletesAllEntriesAtOnceInOneRevision(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        kit.proves("LEASE-9");
        List<Change> deletions = FaultSteps.deletionsOf(kit, () -> {
            Lease lease = kit.lease(holder);
            RecordingListener listener = kit.watching(other);
            long last = 0;
            for (int i = 0; i < 30; i++) {
                last = kit.await(holder.put(kit.key("d" + i % 3 + "/k" + i), Bytes.ofUtf8("v"), lease))
                        .revision();
            }
            kit.put(kit.key("kept"), "v");
            // An entry that comes and goes before the watch has been told of it need not be told at all.
            kit.awaitHeld(listener, kit.key("kept"), "v");
            kit.revoke(lease);
            assertThat(lease.isHeld()).as("isHeld() of a lease that has ended").isFalse();
            Cut cut = kit.list(other, kit.dir());
            assertThat(cut.entries())
                    .as("what another handle reads once revoke() has completed")
                    .containsOnlyKeys(kit.key("kept"));
            assertThat(cut.revision()).isGreaterThan(last);
            awaitEnded(kit, lease);
            assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            kit.fence(listener);
            return listener;
        });
        assertThat(deletions).hasSize(30);
        FaultSteps.wentTogether(deletions);
    }

    private static void awaitEnded(Kit kit, Lease lease) {
        kit.eventually(
                "LEASE-9",
                "ended() completes once a lease is revoked",
                () -> lease.ended().toCompletableFuture().isDone());
    }

    @Test
    @Rule("LEASE-9")
    default void secondRevokeHasNoEffect(Kit kit) {
        KvBackend holder = kit.backend();
        Lease lease = kit.lease(holder);
        kit.await(holder.put(kit.key("k"), Bytes.ofUtf8("1"), lease));
        kit.revoke(lease);
        kit.put(kit.key("k"), "2");
        kit.revoke(lease);
        lease.close();
        lease.close();
        assertThat(kit.read(holder, kit.key("k"))).isEqualTo("2");
        awaitEnded(kit, lease);
        assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        Lease closed = kit.lease(holder);
        kit.await(holder.put(kit.key("l"), Bytes.ofUtf8("1"), closed));
        closed.close();
        kit.eventually(
                "LEASE-9", "close() of a lease deletes its entries", () -> kit.read(holder, kit.key("l")) == null);
        assertThat(closed.isHeld()).as("isHeld() of a lease that has ended").isFalse();
    }

    @Test
    @Rule("LEASE-5")
    default void putWithALeaseThatHasEndedFails(Kit kit) {
        KvBackend holder = kit.backend();
        Lease lease = kit.lease(holder);
        kit.revoke(lease);
        List<CompletableFuture<?>> writes = List.of(
                holder.put(kit.key("a"), Bytes.EMPTY, lease),
                holder.create(kit.key("b"), Bytes.EMPTY, lease),
                holder.commit(Txn.builder()
                        .put(kit.key("c"), Bytes.EMPTY)
                        .put(kit.key("d"), Bytes.EMPTY, lease)
                        .build()));
        for (CompletableFuture<?> write : writes) {
            LeaseLostException failure = kit.failure(write, LeaseLostException.class);
            Expect.notApplied(failure);
            assertThat(failure.leaseId()).isEqualTo(lease.id());
        }
        assertThat(kit.list(holder, kit.dir()).entries()).isEmpty();
    }

    @Test
    @Rule("LEASE-10")
    default void closeOfAHandleEndsItsLeasesAtOnce(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Lease lease = kit.lease(holder, kit.patience().multipliedBy(4));
        Lease others = kit.lease(other);
        kit.await(holder.put(kit.key("mine"), Bytes.EMPTY, lease));
        kit.await(other.put(kit.key("others"), Bytes.EMPTY, others));
        holder.close();
        assertThat(lease.isHeld()).as("isHeld() after the handle was closed").isFalse();
        // Well before the ttl could have done it, even if everything else takes as long as it may.
        boolean gone = kit.elapseUntil(lease.ttl().dividedBy(3), () -> kit.read(other, kit.key("mine")) == null);
        assertThat(gone)
                .as("whether the entries of a closed handle's lease went before their ttl")
                .isTrue();
        assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        assertThat(kit.read(other, kit.key("others"))).isEmpty();
    }

    @Test
    @Rule("LEASE-11")
    default void grantedTtlIsWithinTheLimitsAndReported(Kit kit) {
        KvBackend backend = kit.backend();
        kit.await(backend.get(kit.key("connected")));
        Limits limits = backend.limits();
        for (Duration asked : List.of(
                Duration.ofNanos(1),
                limits.shortestTtl(),
                limits.shortestTtl().plusMillis(1),
                limits.longestTtl(),
                Duration.ofDays(100_000))) {
            Lease lease = kit.await(backend.grantLease(asked));
            assertThat(lease.ttl())
                    .as("the ttl granted for %s, within %s", asked, limits)
                    .isBetween(limits.shortestTtl(), limits.longestTtl());
            assertThat(lease.id()).isNotBlank();
            assertThat(lease.isHeld())
                    .as("isHeld() of a lease that nothing has ended")
                    .isTrue();
            kit.revoke(lease);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> backend.grantLease(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> backend.grantLease(Duration.ofSeconds(-1)));
    }

    @Test
    @Rule("LEASE-12")
    default void leaseOfAnotherHandleIsRefused(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        assertThatIllegalArgumentException().isThrownBy(() -> other.put(kit.key("k"), Bytes.EMPTY, lease));
        assertThatIllegalArgumentException().isThrownBy(() -> other.create(kit.key("k"), Bytes.EMPTY, lease));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.commit(Txn.builder()
                        .put(kit.key("l"), Bytes.EMPTY)
                        .put(kit.key("k"), Bytes.EMPTY, lease)
                        .build()));
        assertThat(kit.list(other, kit.dir()).entries()).isEmpty();
        assertThat(lease.isHeld())
                .as("isHeld() of a lease that nothing has ended")
                .isTrue();
    }

    @Test
    @Rule("LEASE-13")
    default void everyReaderSeesWhetherAnEntryIsLeased(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Lease lease = kit.lease(holder);
        RecordingListener listener = kit.watching(other);
        kit.await(holder.create(kit.key("leased"), Bytes.EMPTY, lease));
        kit.put(kit.key("plain"), "");
        kit.converge(listener, other);
        RecordingListener later = kit.watching(holder);
        for (KvBackend reader : List.of(holder, other)) {
            for (String name : List.of("leased", "plain")) {
                boolean leased = name.equals("leased");
                assertThat(kit.await(reader.get(kit.key(name)))
                                .entry()
                                .orElseThrow()
                                .leased())
                        .as("get of %s", name)
                        .isEqualTo(leased);
                assertThat(kit.list(reader, kit.dir()).entry(kit.key(name)).leased())
                        .as("list of %s", name)
                        .isEqualTo(leased);
                assertThat(listener.held().entry(kit.key(name)).leased())
                        .as("change of %s", name)
                        .isEqualTo(leased);
                assertThat(later.held().entry(kit.key(name)).leased())
                        .as("snapshot of %s", name)
                        .isEqualTo(leased);
            }
        }
        kit.await(holder.delete(kit.key("leased")));
        kit.await(holder.create(kit.key("leased"), Bytes.EMPTY));
        assertThat(kit.list(other, kit.dir()).entry(kit.key("leased")).leased())
                .as("an entry created again without a lease")
                .isFalse();
    }

    @Test
    @Rule({"LEASE-14", "ERR-4"})
    @Requires(Capability.KEYS_BELOW_LEASED_KEYS)
    default void keysMayBeBelowLeasedKeys(Kit kit) {
        KvBackend backend = kit.backend();
        kit.proves("LEASE-14");
        Lease lease = kit.lease(backend);
        kit.await(backend.put(kit.key("leased"), Bytes.EMPTY, lease));
        kit.put(kit.key("leased/below"), "kept");
        kit.put(kit.key("parent/child"), "kept");
        kit.await(backend.put(kit.key("parent"), Bytes.EMPTY, lease));
        kit.await(backend.put(kit.key("parent/leased"), Bytes.EMPTY, lease));
        assertThat(kit.list(backend, kit.dir()).entries()).hasSize(5);
        kit.revoke(lease);
        Expect.left(
                kit,
                "LEASE-14",
                "once the lease of their parents was revoked",
                backend,
                kit.dir(),
                kit.key("leased/below"),
                kit.key("parent/child"));
    }
}
