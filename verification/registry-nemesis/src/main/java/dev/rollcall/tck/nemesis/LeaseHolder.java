package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has one lease after another: puts entries with it, keeps it for a while, and ends it in one of the ways there are, or loses it. */
/* Concurrency: confined to its thread. */
final class LeaseHolder implements Crew.Work {
    private static final int LEAST_TTL_MILLIS = 1_000;
    private static final int MOST_TTL_MILLIS = 4_000;
    private static final int MOST_PAUSE_MILLIS = 200;
    private static final int MOST_SHORT_STAY_MILLIS = 600;
    private static final int MOST_LONG_STAY_MILLIS = 8_000;

    private final String name;
    /** The handle of all leases, or null for one of its own for each. */
    private final @Nullable KvBackend shared;

    private final Setting setting;
    private final ObservedLeases observedLeases;
    private final Crew crew;
    private final Random random;

    /** A holder that has not begun. There is one for each handle; the next has a handle of its own for each lease, and closes it. */
    LeaseHolder(int number, Setting setting, ObservedLeases observedLeases, Crew crew) {
        this.name = "holder " + number;
        this.shared = number < setting.handles().size() ? setting.handle(number) : null;
        this.setting = setting;
        this.observedLeases = observedLeases;
        this.crew = crew;
        this.random = new Random(setting.seed() + number);
    }

    @Override
    public void once() throws InterruptedException {
        crew.pause(random.nextInt(MOST_PAUSE_MILLIS));
        KvBackend handle = shared == null ? setting.more().get() : shared;
        try {
            int ttl = LEAST_TTL_MILLIS + random.nextInt(MOST_TTL_MILLIS - LEAST_TTL_MILLIS);
            Lease lease = crew.answer("a grant for " + name, handle.grantLease(Duration.ofMillis(ttl)))
                    .orElse(null);
            if (lease != null) {
                setting.tally().leases.incrementAndGet();
                stay(handle, observedLeases.begin(name, lease));
            }
        } finally {
            if (shared == null) {
                handle.close();
            }
        }
    }

    private void stay(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        Lease lease = observedLease.lease();
        boolean held;
        try {
            if (attach(handle, observedLease)) {
                keep(handle, observedLease);
            }
        } finally {
            held = observedLease.leave();
        }
        if (!held) {
            lost(handle, observedLease);
        } else if (shared == null) {
            observedLease.note("closes its handle");
        } else if (random.nextInt(3) == 0) {
            lease.close();
        } else {
            revoke(handle, observedLease);
        }
    }

    private static Txn entries(ObservedLease observedLease) {
        Txn.Builder txn = Txn.builder();
        observedLease.keys().forEach(key -> txn.put(key, Bytes.ofUtf8("0"), observedLease.lease()));
        return txn.build();
    }

    /** Puts the entries; false if that failed, or nobody knows. */
    private boolean attach(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        while (observedLease.lease().isHeld() && !crew.isOver()) {
            try {
                observedLease.attached(
                        Futures.await(handle.commit(entries(observedLease))).revision());
                return true;
            } catch (KvException e) {
                observedLease.note("entries not put: " + e.getMessage());
                if (e.outcome() == Outcome.UNKNOWN) {
                    return false;
                }
                crew.pause(MOST_PAUSE_MILLIS);
            }
        }
        return false;
    }

    private void keep(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        int most = random.nextInt(4) == 0 ? MOST_LONG_STAY_MILLIS : MOST_SHORT_STAY_MILLIS;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(most));
        while (System.nanoTime() - end < 0 && observedLease.lease().isHeld() && !crew.isOver()) {
            crew.pause(1 + random.nextInt(MOST_PAUSE_MILLIS));
            if (random.nextBoolean()) {
                change(handle, observedLease);
            }
        }
    }

    /** An update leaves the lease as it is. */
    private void change(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        Key key = observedLease.keys().get(random.nextInt(observedLease.keys().size()));
        try {
            Futures.await(handle.update(key, Bytes.ofUtf8(Integer.toString(random.nextInt()))));
        } catch (KeyNotFoundException e) {
            observedLease.gone("its holder's update");
        } catch (KvException e) {
            observedLease.note("not updated: " + e.getMessage());
        }
    }

    private void lost(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        setting.tally().leasesLost.incrementAndGet();
        LeaseEnd end = end(observedLease);
        if (end == LeaseEnd.REVOKED) {
            observedLease.accuse("LEASE-4, ended() said REVOKED of a lease that nobody had revoked");
        }
        if (observedLease.lease().isHeld()) {
            observedLease.accuse("LEASE-5, held again after it was lost");
        }
        tooLate(handle, observedLease);
    }

    private void revoke(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        CompletableFuture<Boolean> revoked = Futures.map(observedLease.lease().revoke(), nothing -> true);
        if (crew.answer("a revocation by " + name, revoked).isEmpty()) {
            observedLease.note("revocation not confirmed");
            return;
        }
        // A lease that was lost just then may stay in the store for the rest of its ttl.
        if (end(observedLease) == LeaseEnd.REVOKED) {
            observedLease.note("revoked");
            KvBackend other = setting.handle(random.nextInt(Integer.MAX_VALUE));
            Key key =
                    observedLease.keys().get(random.nextInt(observedLease.keys().size()));
            crew.answer("a read after a revocation", other.get(key))
                    .filter(found -> found.isPresent())
                    .ifPresent(found -> observedLease.accuse("LEASE-9, the entry '" + key + "' was read at revision "
                            + found.revision() + " after the revocation had been confirmed"));
            tooLate(handle, observedLease);
        }
    }

    private LeaseEnd end(ObservedLease observedLease) throws InterruptedException {
        return crew.answer(
                        "ended() of " + observedLease + ", which is over",
                        observedLease.lease().ended().toCompletableFuture())
                .orElse(LeaseEnd.LOST);
    }

    private void tooLate(KvBackend handle, ObservedLease observedLease) throws InterruptedException {
        crew.answer(
                        "a put with the lease of " + observedLease + ", which is over",
                        handle.commit(entries(observedLease)))
                .ifPresent(commit -> observedLease.accuse(
                        "LEASE-5, entries were put with it at revision " + commit.revision() + " after its end"));
    }
}
