package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Late replies: they were true when the store sent them, and not when they are read. */
public interface LateAnswerContract extends Contract {
    /** If this fails: the holder counts the ttl from the answer to a renewal; it must count from when it sent the request, and leave a margin. */
    @Test
    @Rule("LEASE-4")
    @Needs(Hook.CUT)
    default void lateAnswerToARenewalGivesNoTimeThatHasPassed(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Key key = kit.key("k");
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, key);
        hold(kit, holder);
        kit.elapse(lease.ttl().dividedBy(2));
        releaseAndCut(kit, holder);
        goesWhenItsHolderKnows(kit, other, key, lease, "to its renewals came late by half its ttl");
    }

    /** If this fails: the holder counts the ttl from the answer to the grant. */
    @Test
    @Rule("LEASE-4")
    @Needs(Hook.CUT)
    default void lateAnswerToAGrantGivesNoTimeThatHasPassed(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Key key = kit.key("k");
        kit.await(holder.get(key));
        Duration ttl = kit.shortLease(holder).ttl();
        hold(kit, holder);
        CompletableFuture<Lease> asked = holder.grantLease(ttl);
        kit.elapse(ttl.dividedBy(2));
        kit.store().releaseAnswers(kit.handle(holder));
        kit.eventually("LIFE-1", "a grant whose answer comes late ends", asked::isDone);
        if (!kit.succeeded(asked)) {
            kit.store().releaseAnswers(kit.handle(holder));
            // Its deadline was shorter: nothing was promised.
            return;
        }
        Lease lease = kit.await(asked);
        boolean put = kit.succeeded(holder.put(key, Bytes.EMPTY, lease));
        kit.store().cut(kit.handle(holder));
        if (put) {
            goesWhenItsHolderKnows(kit, other, key, lease, "to its grant came late by half its ttl");
        }
    }

    /** If this fails: a lease that was given up is taken up again by an answer that was on its way. */
    @Test
    @Rule({"LEASE-5", "LEASE-4"})
    default void lateAnswerDoesNotReviveALeaseThatWasGivenUp(Kit kit) {
        KvBackend holder = kit.open();
        KvBackend other = kit.backend();
        Key key = kit.key("k");
        Lease lease = FaultSteps.shortLeaseWith(kit, holder, key);
        hold(kit, holder);
        kit.elapse(lease.ttl().multipliedBy(2));
        Expect.that(
                "LEASE-4",
                !lease.isHeld(),
                () -> "No answer of the store has arrived for two ttls, but isHeld() of a lease is still true.");
        kit.store().releaseAnswers(kit.handle(holder));
        FaultSteps.awaitReachable(kit, holder);
        boolean revived = kit.happensWithin(lease.ttl(), lease::isHeld);
        Expect.that(
                "LEASE-5",
                !revived,
                () ->
                        "isHeld() of a lease that its holder had given up is true again after the late answers of the store.");
        LeaseEnd end = kit.await(lease.ended().toCompletableFuture());
        Expect.that("LEASE-5", end == LeaseEnd.LOST, () -> "A lease that was given up has ended as " + end + ".");
        kit.proves("LEASE-5");
        Expect.notApplied(kit.failure(holder.put(key, Bytes.EMPTY, lease), LeaseLostException.class));
        boolean gone =
                kit.elapseUntil(lease.ttl().plus(kit.fixture().leaseGrace()), () -> kit.read(other, key) == null);
        Expect.that(
                "LEASE-2",
                gone,
                () -> "The entry of a lease that its holder has given up is still there a ttl and the"
                        + " grace later.");
    }

    /** If this fails: answers are told apart by their order, and one that nobody waits for any more is taken for that to the next request. */
    @Test
    @Rule("READ-1")
    default void answerThatComesAfterItsDeadlineIsNotTakenForAnother(Kit kit) {
        KvBackend reader = kit.openWithShortDeadline();
        KvBackend writer = kit.backend();
        int keys = 6;
        for (int i = 0; i < keys; i++) {
            kit.put(writer, kit.key("k" + i), "v" + i);
        }
        kit.await(reader.get(kit.key("k0")));
        hold(kit, reader);
        List<CompletableFuture<GetResult>> late = new ArrayList<>();
        for (int i = 0; i < keys / 2; i++) {
            late.add(reader.get(kit.key("k" + i)));
        }
        for (CompletableFuture<GetResult> read : late) {
            FaultSteps.endsInTime(kit, read);
        }
        kit.store().releaseAnswers(kit.handle(reader));
        FaultSteps.awaitReachable(kit, reader);
        for (int i = keys - 1; i >= 0; i--) {
            String expected = "v" + i;
            Key key = kit.key("k" + i);
            String found = kit.read(reader, key);
            Expect.that(
                    "READ-1",
                    expected.equals(found),
                    () -> "After reads of other keys had been answered too late, a read of " + key + " gives '" + found
                            + "'; it holds '" + expected + "'.");
        }
    }

    private static void hold(Kit kit, KvBackend handle) {
        if (!kit.store().holdAnswers(kit.handle(handle))) {
            throw new DoesNotApply("the fixture cannot hold answers back");
        }
    }

    /** Lets all arrive that the store has said, and then nothing more. */
    private static void releaseAndCut(Kit kit, KvBackend holder) {
        // Its answer comes after those that were held, so that they have arrived when it has.
        CompletableFuture<?> last = holder.get(kit.key("last"));
        kit.store().releaseAnswers(kit.handle(holder));
        kit.eventually("LIFE-1", "a read whose answer comes late ends", last::isDone);
        kit.store().cut(kit.handle(holder));
    }

    private static void goesWhenItsHolderKnows(Kit kit, KvBackend other, Key key, Lease lease, String when) {
        AtomicBoolean heldWhenGone = new AtomicBoolean();
        boolean gone = kit.elapseUntil(lease.ttl().plus(kit.fixture().leaseGrace()), () -> {
            boolean absent = kit.read(other, key) == null;
            // In this order: who sees the absence first and the belief later has seen both at once.
            if (absent && lease.isHeld()) {
                heldWhenGone.set(true);
            }
            return absent;
        });
        Expect.that(
                "LEASE-2",
                gone,
                () -> "The entry of a holder that was cut off is still there after the ttl of " + lease.ttl()
                        + " and the grace of " + kit.fixture().leaseGrace() + ".");
        Expect.that(
                "LEASE-4",
                !heldWhenGone.get(),
                () -> "Answers " + when
                        + ", and then none: isHeld() was still true when another handle had seen the entry gone.");
        kit.eventually(
                "LEASE-4",
                "ended() completes",
                () -> lease.ended().toCompletableFuture().isDone());
    }
}
