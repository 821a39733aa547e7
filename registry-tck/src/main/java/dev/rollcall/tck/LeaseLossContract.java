package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The loss of a lease whose holder falls silent, in the store and at the holder. */
public interface LeaseLossContract extends Contract {
    @Test
    @Rule({"LEASE-2", "LEASE-3"})
    @Needs(Hook.CUT)
    default void entriesOfASilentHolderGoAfterTheTtlInOneRevision(Kit kit) {
        KvBackend other = kit.backend();
        List<Change> deletions = FaultSteps.deletionsOf(kit, () -> {
            KvBackend holder = kit.open();
            RecordingListener listener = kit.watching(other);
            kit.proves("LEASE-2");
            kit.put(kit.key("kept"), "1");
            Key[] keys = IntStream.range(0, 10).mapToObj(i -> kit.key("k" + i)).toArray(Key[]::new);
            FaultSteps.Granted granted = FaultSteps.leaseWith(kit, holder, 4, keys);
            Lease lease = granted.lease();
            kit.store().cut(kit.handle(holder));
            // The ttl counts from the last renewal, and that was not before the grant.
            long sooner = granted.asked()
                    + lease.ttl().toNanos()
                    - kit.storeNanos()
                    - Duration.ofMillis(20).toNanos();
            Duration half = lease.ttl().dividedBy(2);
            Duration safe = sooner < half.toNanos() ? Duration.ofNanos(sooner) : half;
            boolean early = !safe.isNegative()
                    && kit.happensWithin(
                            safe,
                            () -> kit.list(other, kit.dir()).entries().size() < 11
                                    && kit.storeNanos() - granted.asked()
                                            < lease.ttl().toNanos());
            assertThat(early)
                    .as("whether entries went when their holder was silent for half the ttl")
                    .isFalse();
            // An entry that comes and goes before the watch has been told of it need not be told at all.
            kit.awaitHeld(listener, kit.key("k9"), "");
            boolean gone = kit.elapseUntil(
                    lease.ttl().plus(kit.fixture().leaseGrace()),
                    () -> kit.list(other, kit.dir()).entries().size() == 1);
            assertThat(gone)
                    .as(
                            "whether the entries went within the ttl of %s and the grace of %s",
                            lease.ttl(), kit.fixture().leaseGrace())
                    .isTrue();
            kit.fence(listener);
            return listener;
        });
        kit.proves("LEASE-3");
        assertThat(deletions).hasSize(10);
        FaultSteps.wentTogether(deletions);
    }

    /** If this fails: isHeld() waits for the server's word; it must go by the holder's own clock, and leave a margin. */
    @Test
    @Rule({"LEASE-4", "LEASE-5"})
    @Needs(Hook.CUT)
    default void holderKnowsOfItsLossBeforeOthersCanSeeIt(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        kit.proves("LEASE-4");
        for (int round = 0; round < 2; round++) {
            Key key = kit.key("k" + round);
            Lease lease = FaultSteps.shortLeaseWith(kit, holder, key);
            kit.store().cut(kit.handle(holder));
            AtomicBoolean heldWhenGone = new AtomicBoolean();
            Duration longest = lease.ttl().plus(kit.fixture().leaseGrace());
            boolean gone = kit.elapseUntil(longest, () -> {
                boolean absent = kit.read(other, key) == null;
                // In this order: who sees the absence first and the belief later has seen both at once.
                if (absent && lease.isHeld()) {
                    heldWhenGone.set(true);
                }
                return absent;
            });
            kit.proves("LEASE-2");
            assertThat(gone).as("whether the entry of a silent holder went").isTrue();
            kit.proves("LEASE-4");
            assertThat(heldWhenGone.get())
                    .as("isHeld() when another handle had seen the entry gone")
                    .isFalse();
            kit.eventually(
                    "LEASE-4",
                    "ended() completes",
                    () -> lease.ended().toCompletableFuture().isDone());
            assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            kit.proves("LEASE-5");
            kit.store().heal(kit.handle(holder));
            FaultSteps.awaitReachable(kit, holder);
            assertThat(lease.isHeld())
                    .as("isHeld() after the connection was healed")
                    .isFalse();
            LeaseLostException failure = kit.failure(holder.put(key, Bytes.EMPTY, lease), LeaseLostException.class);
            Expect.notApplied(failure);
            boolean revived = kit.happensWithin(lease.ttl(), () -> lease.isHeld() || kit.read(other, key) != null);
            assertThat(revived).as("whether a lost lease or its entry revived").isFalse();
        }
    }

    @Test
    @Rule({"LEASE-1", "LIFE-8"})
    @Needs(Hook.CUT)
    default void leaseSurvivesACutThatIsShorterThanItsTtl(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        FaultSteps.survives(kit, "it was cut off for a quarter of its ttl", ttl -> {
            long granted = System.nanoTime();
            Lease lease = kit.lease(holder, ttl);
            if (!kit.succeeded(holder.put(kit.key("k"), Bytes.EMPTY, lease))) {
                Duration used = Duration.ofNanos(System.nanoTime() - granted);
                return FaultSteps.Survival.of(true, used.compareTo(lease.ttl().dividedBy(2)) < 0);
            }
            FaultSteps.Survival seen = FaultSteps.Survival.SURVIVED;
            for (int i = 0; i < 3 && seen == FaultSteps.Survival.SURVIVED; i++) {
                long cut = System.nanoTime();
                kit.store().cut(kit.handle(holder));
                kit.elapse(lease.ttl().dividedBy(4));
                kit.store().heal(kit.handle(holder));
                FaultSteps.awaitReachable(kit, holder);
                Duration away = Duration.ofNanos(System.nanoTime() - cut);
                boolean lost =
                        kit.happensWithin(lease.ttl(), () -> !lease.isHeld() || kit.read(other, kit.key("k")) == null);
                seen = FaultSteps.Survival.of(
                        lost,
                        away.compareTo(lease.ttl().dividedBy(2)) < 0
                                && kit.everybodyHadATurnWithin(lease.ttl().dividedBy(4)));
            }
            return seen;
        });
    }

    @Test
    @Rule({"LEASE-3", "LEASE-5"})
    @Needs(Hook.EXPIRE_LEASE)
    default void expiredLeaseIsLostForGood(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        FaultSteps.wentTogether(FaultSteps.deletionsOf(kit, () -> {
            kit.proves("LEASE-3");
            Lease kept = kit.lease(holder);
            RecordingListener listener = kit.watching(other);
            Lease lease = FaultSteps.shortLeaseWith(kit, holder, kit.key("a"), kit.key("b/c"));
            kit.await(holder.put(kit.key("kept"), Bytes.EMPTY, kept));
            // An entry that comes and goes before the watch has been told of it need not be told at all.
            kit.awaitHeld(listener, kit.key("kept"), "");
            kit.store().expire(kit.handle(holder), lease);
            assertThat(kit.list(other, kit.dir()).entries()).containsOnlyKeys(kit.key("kept"));
            kit.proves("LEASE-4");
            boolean told = kit.elapseUntil(
                    lease.ttl().plus(kit.fixture().leaseGrace()),
                    () -> !lease.isHeld() && lease.ended().toCompletableFuture().isDone());
            assertThat(told)
                    .as("whether the holder was told that its lease has expired")
                    .isTrue();
            assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            kit.proves("LEASE-5");
            kit.failure(holder.put(kit.key("a"), Bytes.EMPTY, lease), LeaseLostException.class);
            kit.revoke(lease);
            assertThat(lease.isHeld()).as("isHeld() of a lease that has ended").isFalse();
            assertThat(kept.isHeld())
                    .as("isHeld() of another lease of the same holder")
                    .isTrue();
            kit.fence(listener);
            return listener;
        }));
    }

    @Test
    @Rule("LEASE-5")
    @Needs(Hook.EXPIRE_LEASE)
    default void putWithALeaseThatJustExpiredWritesNothing(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        for (int i = 0; i < 5; i++) {
            Key key = kit.key("k" + i);
            Lease lease = kit.lease(holder);
            kit.store().expire(kit.handle(holder), lease);
            // The holder may not have heard of it yet: then the store must refuse.
            LeaseLostException failure = kit.failure(holder.put(key, Bytes.EMPTY, lease), LeaseLostException.class);
            Expect.notApplied(failure);
            assertThat(kit.await(other.get(key)).entry()).isEmpty();
        }
    }

    /** If this fails: a lease is looked at when its put is called, and not when the put leaves. */
    @Test
    @Rule("LEASE-5")
    @Needs(Hook.CUT)
    default void putThatWaitsUntilItsLeaseIsLostIsNotApplied(Kit kit) {
        KvBackend holder = kit.open(Duration.ofMinutes(1));
        KvBackend other = kit.backend();
        Key key = kit.key("waited");
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, kit.key("before"));
        kit.store().cut(kit.handle(holder));
        CompletableFuture<Commit> put = holder.put(key, Bytes.EMPTY, lease);
        boolean lost = kit.elapseUntil(lease.ttl().plus(kit.fixture().leaseGrace()), () -> !lease.isHeld());
        Expect.that(
                "LEASE-4", lost, () -> "A holder was cut off for the ttl and the grace, and isHeld() is still true.");
        kit.store().heal(kit.handle(holder));
        FaultSteps.awaitReachable(kit, holder);
        Expect.that(
                "LEASE-5",
                !kit.succeeded(put),
                () -> "A put could not leave, for want of a connection, before isHeld() of its lease was false; it was"
                        + " acknowledged all the same.");
        boolean there = kit.happensWithin(lease.ttl(), () -> kit.read(other, key) != null);
        Expect.that(
                "LEASE-5",
                !there,
                () -> key + " is there, though its put failed since it could not leave before its lease was lost.");
    }

    @Test
    @Rule({"LEASE-7", "LEASE-8"})
    @Needs(Hook.EXPIRE_LEASE)
    default void expiryOfALeaseSparesWhatIsNoLongerOnIt(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Lease old = kit.lease(holder);
        Lease next = kit.lease(other);
        for (String name : List.of("moved", "recreated", "dead")) {
            kit.await(holder.put(kit.key(name), Bytes.ofUtf8("old"), old));
        }
        kit.await(other.put(kit.key("moved"), Bytes.ofUtf8("new"), next));
        kit.await(other.delete(kit.key("recreated")));
        kit.await(other.create(kit.key("recreated"), Bytes.ofUtf8("new")));
        kit.store().expire(kit.handle(holder), old);
        Cut left = kit.list(other, kit.dir());
        kit.proves("LEASE-8");
        assertThat(left.entries())
                .as("what is left, with what was created anew without the lease")
                .containsKey(kit.key("recreated"));
        kit.proves("LEASE-7");
        assertThat(left.entries())
                .as("what is left when the lease has expired that they were on")
                .containsOnlyKeys(kit.key("moved"), kit.key("recreated"));
        kit.store().expire(kit.handle(other), next);
        assertThat(kit.list(other, kit.dir()).entries()).containsOnlyKeys(kit.key("recreated"));
    }

    @Test
    @Rule({"LEASE-8", "LEASE-5"})
    @Needs(Hook.CUT)
    default void holderThatComesBackLeavesItsSuccessorAlone(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend successor = kit.backend();
        kit.proves("LEASE-2");
        Key key = kit.key("claim");
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, key);
        kit.store().cut(kit.handle(holder));
        boolean gone =
                kit.elapseUntil(lease.ttl().plus(kit.fixture().leaseGrace()), () -> kit.read(successor, key) == null);
        assertThat(gone)
                .as("whether the entry of a silent holder went within ttl and grace")
                .isTrue();
        kit.proves("LEASE-5");
        Lease mine = kit.lease(successor);
        kit.await(successor.create(key, Bytes.ofUtf8("new"), mine));
        kit.store().heal(kit.handle(holder));
        FaultSteps.awaitReachable(kit, holder);
        kit.proves("LEASE-8");
        kit.revoke(lease);
        lease.close();
        boolean harmed = kit.happensWithin(lease.ttl(), () -> !"new".equals(kit.read(successor, key)));
        assertThat(harmed)
                .as("whether the late clean-up of a lost lease took its successor's entry")
                .isFalse();
        assertThat(mine.isHeld())
                .as("isHeld() of a lease that nothing has ended")
                .isTrue();
    }

    @Test
    @Rule("LEASE-10")
    @Needs(Hook.CUT)
    default void leasesOfAHandleThatIsClosedWhileCutGoByTheirTtl(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, kit.key("k"));
        kit.store().cut(kit.handle(holder));
        holder.close();
        assertThat(lease.isHeld()).as("isHeld() of a lease that has ended").isFalse();
        boolean gone = kit.elapseUntil(
                lease.ttl().plus(kit.fixture().leaseGrace()), () -> kit.read(other, kit.key("k")) == null);
        assertThat(gone)
                .as("whether the entry of a handle that was closed while cut off went by its ttl")
                .isTrue();
    }

    @Test
    @Rule({"LEASE-4", "LEASE-5"})
    @Needs(Hook.PAUSE)
    default void holderAndStoreAgreeAfterAPauseLongerThanTheTtl(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, kit.key("k"));
        kit.proves("LEASE-4");
        kit.store().pause();
        kit.elapse(lease.ttl().multipliedBy(2));
        assertThat(lease.isHeld())
                .as("isHeld() when the lease could not be renewed for two ttls")
                .isFalse();
        kit.store().resume();
        FaultSteps.awaitReachable(kit, other);
        kit.proves("LEASE-2");
        boolean gone = kit.elapseUntil(
                lease.ttl().plus(kit.fixture().leaseGrace()), () -> kit.read(other, kit.key("k")) == null);
        assertThat(gone)
                .as("whether the entry of a lease that its holder has given up went")
                .isTrue();
        kit.proves("LEASE-5");
        assertThat(lease.isHeld()).as("isHeld() of a lease that has ended").isFalse();
        assertThat(kit.await(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        FaultSteps.awaitReachable(kit, holder);
        kit.failure(holder.put(kit.key("k"), Bytes.EMPTY, lease), LeaseLostException.class);
    }
}
