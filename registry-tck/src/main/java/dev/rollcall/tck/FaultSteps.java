package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Steps that many tests take around a fault. */
final class FaultSteps {
    private FaultSteps() {}

    /** How long the lease of {@link #survives} is at first, and how many times it may be made four times as long. */
    private static final Duration FIRST_TTL = Duration.ofSeconds(2);

    private static final int MOST_ROUNDS = 3;

    /** What became of a lease that should have outlived what was done to it. */
    enum Survival {
        SURVIVED,
        LOST,
        /** It is gone, and so it would be with the best of holders: the machine gave nobody a turn in time. */
        UNDECIDED;

        /** What a round has shown in which the lease was {@code lost} or not, and everybody {@code hadATurn} in time or not. */
        static Survival of(boolean lost, boolean hadATurn) {
            return !lost ? SURVIVED : hadATurn ? LOST : UNDECIDED;
        }
    }

    /** Lets a lease go through something that its holder has to renew it in; again with a longer one while nothing can be said. */
    static void survives(Kit kit, String accusation, Function<Duration, Survival> round) {
        Duration ttl = FIRST_TTL;
        Survival seen = round.apply(ttl);
        for (int rounds = 1; seen == Survival.UNDECIDED && rounds < MOST_ROUNDS; rounds++) {
            ttl = ttl.multipliedBy(4);
            seen = round.apply(ttl);
        }
        if (seen != Survival.SURVIVED) {
            throw new RuleViolation(
                    "LEASE-1",
                    "A lease of a live holder was lost: " + accusation + "."
                            + (seen == Survival.LOST
                                    ? ""
                                    : " The machine is so busy that this says nothing about the holder, even with a ttl of "
                                            + ttl.toSeconds() + " s; run the kit again when it is less so."));
        }
    }

    /** A lease, and the moment on the store's clock before it was asked for, so that its ttl is not over before one ttl later. */
    record Granted(Lease lease, long asked) {}

    /** A lease of about two seconds with an entry at each of {@code keys}, for who waits for its end. */
    static Lease shortLeaseWith(Kit kit, KvBackend holder, Key... keys) {
        return leaseWith(kit, holder, 2, keys).lease();
    }

    /**
     * A lease with an entry at each of {@code keys}, put before one of {@code parts} parts of its ttl was over. Where the machine gives a holder no
     * turn in time, so that it would lose the lease by right, another is granted, with a ttl twice as long.
     */
    static Granted leaseWith(Kit kit, KvBackend holder, int parts, Key... keys) {
        Duration ttl = FIRST_TTL;
        while (true) {
            long began = System.nanoTime();
            long asked = kit.storeNanos();
            Lease lease = kit.lease(holder, ttl);
            @Nullable CompletableFuture<Commit> failed = null;
            for (int i = 0; i < keys.length && failed == null; i++) {
                CompletableFuture<Commit> put = holder.put(keys[i], Bytes.EMPTY, lease);
                failed = kit.succeeded(put) ? null : put;
            }
            Duration age = Duration.ofNanos(System.nanoTime() - began);
            boolean last = age.compareTo(lease.ttl().dividedBy(parts)) < 0
                    || lease.ttl().compareTo(ttl) < 0;
            if (last && failed != null) {
                kit.await(failed);
            }
            if (last) {
                return new Granted(lease, asked);
            }
            ttl = ttl.multipliedBy(2);
        }
    }

    /** The failure of an operation that must end by its deadline, which passes at once where time is virtual. */
    static KvException failureInTime(Kit kit, CompletableFuture<?> future) {
        endsInTime(kit, future);
        return kit.failure(future);
    }

    /** Waits, letting time pass, until an operation has ended; it must by its deadline. */
    static void endsInTime(Kit kit, CompletableFuture<?> future) {
        Duration deadline = kit.fixture().deadline();
        // A second more: the deadline is when the operation gives up, not when its thread has said so.
        if (!kit.elapseUntil(deadline.plusSeconds(1), future::isDone)) {
            throw new RuleViolation(
                    "LIFE-1",
                    "An operation has not ended " + deadline.plusSeconds(1).toMillis()
                            + " ms after its call, and its deadline was " + deadline.toMillis() + " ms.");
        }
    }

    /** Waits until the handle's operations succeed again. */
    static void awaitReachable(Kit kit, KvBackend handle) {
        kit.eventually("LIFE-8", "operations of a handle succeed again once it can reach the store", () -> {
            CompletableFuture<?> probe = handle.get(kit.key("probe"));
            return kit.succeeded(probe);
        });
    }

    /** Whether a handle says that it has lost its connection. */
    static boolean isDisconnected(KvBackend handle) {
        return handle.connection().state() == ConnectionState.DISCONNECTED;
    }

    /**
     * What was deleted while {@code round} ran, which returns a watch from a snapshot once it has been told everything. A watch may close a
     * gap by a snapshot at any time, and a machine that stands still breaks connections: such a round shows no single changes, so the
     * directory is cleared and the next one is run, of a few. A watch that needs a snapshot in each is held to what it told in the last.
     */
    static List<Change> deletionsOf(Kit kit, Supplier<RecordingListener> round) {
        RecordingListener listener = round.get();
        for (int rounds = 1; rounds < MOST_ROUNDS && hasClosedAGap(listener); rounds++) {
            kit.list(kit.backend(), kit.dir()).entries().keySet().forEach(kit::delete);
            listener = round.get();
        }
        return listener.changes().stream()
                .filter(Change.Delete.class::isInstance)
                .toList();
    }

    private static boolean hasClosedAGap(RecordingListener listener) {
        return listener.signals().stream().filter(Snapshot.class::isInstance).count() > 1;
    }

    /** All entries of a lease must go in one revision. */
    static void wentTogether(List<Change> deletions) {
        Set<Long> revisions = new TreeSet<>();
        deletions.forEach(deletion -> revisions.add(deletion.revision()));
        if (revisions.size() != 1) {
            throw new RuleViolation(
                    "LEASE-3",
                    "The " + deletions.size() + " entries of one lease went in the revisions " + revisions
                            + "; they must go in one.");
        }
    }
}
