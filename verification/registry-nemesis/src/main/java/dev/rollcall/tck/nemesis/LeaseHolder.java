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
    private final Tenancies tenancies;
    private final Crew crew;
    private final Random random;

    /** A holder that has not begun. There is one for each handle; the next has a handle of its own for each lease, and closes it. */
    LeaseHolder(int number, Setting setting, Tenancies tenancies, Crew crew) {
        this.name = "holder " + number;
        this.shared = number < setting.handles().size() ? setting.handle(number) : null;
        this.setting = setting;
        this.tenancies = tenancies;
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
                stay(handle, tenancies.begin(name, lease));
            }
        } finally {
            if (shared == null) {
                handle.close();
            }
        }
    }

    private void stay(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        Lease lease = tenancy.lease();
        boolean held;
        try {
            if (attach(handle, tenancy)) {
                keep(handle, tenancy);
            }
        } finally {
            held = tenancy.leave();
        }
        if (!held) {
            lost(handle, tenancy);
        } else if (shared == null) {
            tenancy.note("closes its handle");
        } else if (random.nextInt(3) == 0) {
            lease.close();
        } else {
            revoke(handle, tenancy);
        }
    }

    private static Txn entries(Tenancy tenancy) {
        Txn.Builder txn = Txn.builder();
        tenancy.keys().forEach(key -> txn.put(key, Bytes.ofUtf8("0"), tenancy.lease()));
        return txn.build();
    }

    /** Puts the entries; false if that failed, or nobody knows. */
    private boolean attach(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        while (tenancy.lease().isHeld() && !crew.isOver()) {
            try {
                tenancy.attached(Futures.await(handle.commit(entries(tenancy))).revision());
                return true;
            } catch (KvException e) {
                tenancy.note("entries not put: " + e.getMessage());
                if (e.outcome() == Outcome.UNKNOWN) {
                    return false;
                }
                crew.pause(MOST_PAUSE_MILLIS);
            }
        }
        return false;
    }

    private void keep(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        int most = random.nextInt(4) == 0 ? MOST_LONG_STAY_MILLIS : MOST_SHORT_STAY_MILLIS;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(most));
        while (System.nanoTime() - end < 0 && tenancy.lease().isHeld() && !crew.isOver()) {
            crew.pause(1 + random.nextInt(MOST_PAUSE_MILLIS));
            if (random.nextBoolean()) {
                change(handle, tenancy);
            }
        }
    }

    /** An update leaves the lease as it is. */
    private void change(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        Key key = tenancy.keys().get(random.nextInt(tenancy.keys().size()));
        try {
            Futures.await(handle.update(key, Bytes.ofUtf8(Integer.toString(random.nextInt()))));
        } catch (KeyNotFoundException e) {
            tenancy.gone("its holder's update");
        } catch (KvException e) {
            tenancy.note("not updated: " + e.getMessage());
        }
    }

    private void lost(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        setting.tally().leasesLost.incrementAndGet();
        LeaseEnd end = end(tenancy);
        if (end == LeaseEnd.REVOKED) {
            tenancy.accuse("LEASE-4, ended() said REVOKED of a lease that nobody had revoked");
        }
        if (tenancy.lease().isHeld()) {
            tenancy.accuse("LEASE-5, held again after it was lost");
        }
        tooLate(handle, tenancy);
    }

    private void revoke(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        CompletableFuture<Boolean> revoked = Futures.map(tenancy.lease().revoke(), nothing -> true);
        if (crew.answer("a revocation by " + name, revoked).isEmpty()) {
            tenancy.note("revocation not confirmed");
            return;
        }
        // A lease that was lost just then may stay in the store for the rest of its ttl.
        if (end(tenancy) == LeaseEnd.REVOKED) {
            tenancy.note("revoked");
            KvBackend other = setting.handle(random.nextInt(Integer.MAX_VALUE));
            Key key = tenancy.keys().get(random.nextInt(tenancy.keys().size()));
            crew.answer("a read after a revocation", other.get(key))
                    .filter(found -> found.isPresent())
                    .ifPresent(found -> tenancy.accuse("LEASE-9, the entry '" + key + "' was read at revision "
                            + found.revision() + " after the revocation had been confirmed"));
            tooLate(handle, tenancy);
        }
    }

    private LeaseEnd end(Tenancy tenancy) throws InterruptedException {
        return crew.answer(
                        "ended() of " + tenancy + ", which is over",
                        tenancy.lease().ended().toCompletableFuture())
                .orElse(LeaseEnd.LOST);
    }

    private void tooLate(KvBackend handle, Tenancy tenancy) throws InterruptedException {
        crew.answer("a put with the lease of " + tenancy + ", which is over", handle.commit(entries(tenancy)))
                .ifPresent(commit -> tenancy.accuse(
                        "LEASE-5, entries were put with it at revision " + commit.revision() + " after its end"));
    }
}
