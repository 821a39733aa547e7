package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * Operations, watches and leases that begin during an outage, or are at a limit when one comes: stores that handle either alone often fail at the
 * combination.
 */
public interface BegunInTroubleContract extends Contract {
    /** If this fails: only what there was before a cut is taken up again after it. */
    @Test
    @Rule({"LIFE-8", "WATCH-6"})
    @Needs(Hook.CUT)
    default void watchesThatBeginDuringACutBeginAfterIt(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        kit.put(writer, kit.key("kept"), "1");
        kit.put(writer, kit.key("deleted"), "1");
        Cut list = kit.list(observer, kit.dir());
        kit.store().cut(kit.handle(observer));
        RecordingListener fresh = kit.watch(observer, kit.dir(), WatchStart.snapshot());
        RecordingListener after = kit.watch(observer, kit.dir(), WatchStart.after(list.revision()));
        RecordingListener closed = kit.watch(observer, kit.dir(), WatchStart.snapshot());
        kit.put(writer, kit.key("new"), "1");
        kit.delete(kit.key("deleted"));
        closed.close();
        kit.store().heal(kit.handle(observer));
        kit.eventually(
                "LIFE-8",
                "a watch that was started during a cut shows its snapshot after it",
                () -> fresh.revision() >= 0);
        kit.converge("LIFE-8", fresh, writer);
        Cut truth = kit.list(writer, kit.dir());
        // A store that keeps no history may have lost the way from the list to the present with the connection, and
        // then must say so.
        kit.eventually(
                "WATCH-6",
                "a watch after the revision of a list, started during a cut, delivers what leads to "
                        + truth.entries().keySet() + ", or ends",
                () -> after.hasEnded() || after.heldFrom(list).entries().equals(truth.entries()));
        if (after.hasEnded()) {
            Expect.that(
                    "WATCH-6",
                    after.cause() instanceof HistoryUnavailableException,
                    () -> "A watch after the revision of a list, started during a cut, ended with " + after.cause()
                            + " It may only end with HistoryUnavailableException.");
        }
        kit.awaitEnd(closed);
        Expect.that(
                "WATCH-12",
                closed.cause() == null,
                () -> "A watch that its owner closed during a cut ended with " + closed.cause()
                        + " and not with null.");
    }

    @Test
    @Rule("LIFE-7")
    @Needs(Hook.CUT)
    default void subscriptionThatBeginsDuringACutHearsOfItFirst(Kit kit) {
        KvBackend handle = kit.backend();
        kit.await(handle.get(kit.key("k")));
        kit.store().cut(kit.handle(handle));
        boolean known = kit.elapseUntil(
                kit.fixture().deadline().multipliedBy(4),
                () -> handle.connection().state() == ConnectionState.DISCONNECTED);
        Expect.that(
                "LIFE-7", known, () -> "connection() of a handle that was cut off still says " + handle.connection());
        List<ConnectionState> heard = new CopyOnWriteArrayList<>();
        try (Subscription subscription = handle.onConnection(status -> heard.add(status.state()))) {
            kit.eventually("LIFE-7", "a listener hears the present status", () -> !heard.isEmpty());
            Expect.that(
                    "LIFE-7",
                    heard.get(0) == ConnectionState.DISCONNECTED,
                    () -> "A listener that came while connection() said DISCONNECTED heard " + heard + " first.");
            kit.store().heal(kit.handle(handle));
            FaultSteps.awaitReachable(kit, handle);
            kit.eventually(
                    "LIFE-7",
                    () -> "a listener that came during a cut hears CONNECTED after it, but it heard " + heard,
                    () -> heard.get(heard.size() - 1) == ConnectionState.CONNECTED);
        }
    }

    /** If this fails: what renews leases is started with the connection, and not with the lease. */
    @Test
    @Rule({"LEASE-1", "LIFE-8"})
    @Needs(Hook.CUT)
    default void leaseAskedForDuringACutIsKeptAlive(Kit kit) {
        KvBackend holder = kit.backend();
        KvBackend other = kit.open();
        Key key = kit.key("k");
        kit.await(holder.get(key));
        FaultSteps.survives(
                kit, "it was asked for while its holder was cut off, who is alive and connected since", ttl -> {
                    kit.store().cut(kit.handle(holder));
                    CompletableFuture<Lease> asked =
                            holder.grantLease(holder.limits().clamp(ttl));
                    kit.store().heal(kit.handle(holder));
                    FaultSteps.awaitReachable(kit, holder);
                    kit.eventually("LIFE-1", "a grant that was asked for during a cut ends", asked::isDone);
                    if (!kit.succeeded(asked)) {
                        // It was on its way when the connection broke: nothing was promised.
                        return FaultSteps.Survival.SURVIVED;
                    }
                    Lease lease = kit.await(asked);
                    long granted = System.nanoTime();
                    boolean put = kit.succeeded(holder.put(key, Bytes.EMPTY, lease));
                    Duration used = Duration.ofNanos(System.nanoTime() - granted);
                    boolean lost = !put
                            || kit.happensWithin(
                                    lease.ttl().multipliedBy(2), () -> !lease.isHeld() || kit.read(other, key) == null);
                    return FaultSteps.Survival.of(
                            lost,
                            used.compareTo(lease.ttl().dividedBy(2)) < 0
                                    && (!put
                                            || kit.everybodyHadATurnWithin(
                                                    lease.ttl().dividedBy(4))));
                });
    }

    /** If this fails: after a cut a watch starts from the present, whatever it was promised. */
    @Test
    @Rule("WATCH-10")
    @Needs(Hook.CUT)
    default void watchAfterAFutureRevisionStaysSilentOverACut(Kit kit) {
        KvBackend writer = kit.backend();
        KvBackend observer = kit.open();
        long now = kit.put(writer, kit.key("k"), "0");
        long future = now + 1_000_000;
        Directory dir = kit.dir();
        kit.await(observer.list(dir));
        RecordingListener listener = kit.watch(observer, dir, WatchStart.after(future));
        RecordingListener witness = kit.watching(observer);
        kit.store().cut(kit.handle(observer));
        kit.put(writer, kit.key("k"), "during");
        kit.store().heal(kit.handle(observer));
        FaultSteps.awaitReachable(kit, observer);
        kit.put(writer, kit.key("k"), "after");
        kit.awaitHeld(witness, kit.key("k"), "after");
        kit.never(
                "WATCH-10",
                "a watch after revision " + future + " told of what was written about revision " + now
                        + ", when its connection had been cut in between",
                () -> !listener.changes().isEmpty());
    }

    /** If this fails: after a restart the store counts on from the entries that it finds, and the last of them was deleted. */
    @Test
    @Rule("REV-3")
    @Needs(Hook.RESTART)
    default void revisionOfADeletionIsNotUsedAgainAfterAKill(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("kept"), "1");
        Key key = kit.key("deleted");
        for (int i = 0; i < 4; i++) {
            kit.put(key, "v" + i);
        }
        long deleted = kit.delete(key);
        kit.store().kill();
        kit.store().restart();
        FaultSteps.awaitReachable(kit, backend);
        long read = kit.await(backend.get(kit.key("kept"))).revision();
        Expect.that(
                "REV-3",
                read >= deleted,
                () -> "A read after the server was killed is exact at revision " + read
                        + ", but a deletion at revision " + deleted + " was acknowledged before.");
        long next = kit.put(key, "new");
        Expect.that(
                "REV-3",
                next > deleted,
                () -> "The first write after the server was killed has the revision " + next
                        + ", but a deletion before had " + deleted + " already.");
    }
}
