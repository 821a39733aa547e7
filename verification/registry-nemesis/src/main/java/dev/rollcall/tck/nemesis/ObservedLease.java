package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One lease that is held, its entries, which were put in one transaction, and what was seen of them. Everything is noted with its time on
 * the monotonic clock, and told with the first accusation.
 *
 * <p>What has ended never comes back. So whoever first sees the entries gone, and then asks the holder, who still believes in its lease,
 * has seen both at once, however long it took.
 */
/* Concurrency: guarded by this. The lease is asked under the lock as well, which never blocks. */
final class ObservedLease {
    private final String name;
    private final Lease lease;
    private final List<Key> keys;
    private final RunFindings findings;
    private final long origin = System.nanoTime();
    private final List<String> story = new ArrayList<>();
    /** Whether its holder has begun to end it. */
    private boolean leaving;

    /** Whether somebody else may have taken entries away. */
    private boolean entriesMayGo;

    private boolean accused;
    /** Whether it ended early by a known fault of the servers, which was first seen at excusedAt. */
    private boolean excused;

    private long excusedAt;
    /** The least revision at which the entries are known to have been there. */
    private long presentAt = Long.MAX_VALUE;

    private long lastPresentAt = -1;
    /** The least revision, not before presentAt, at which they are known to have been gone. */
    private long goneAt = Long.MAX_VALUE;

    ObservedLease(String name, Lease lease, List<Key> keys, RunFindings findings) {
        this.name = name;
        this.lease = lease;
        this.keys = List.copyOf(keys);
        this.findings = findings;
        note("granted for " + lease.ttl());
    }

    Lease lease() {
        return lease;
    }

    List<Key> keys() {
        return keys;
    }

    /** Adds to the story. */
    synchronized void note(String what) {
        story.add(String.format(Locale.ROOT, "%.3f s %s", (System.nanoTime() - origin) / 1e9, what));
    }

    /** Says what is wrong, with the story so far; only once, since one wrong brings others. */
    synchronized void accuse(String what) {
        note(what);
        if (!accused) {
            accused = true;
            findings.violation(told(what));
        }
    }

    private String told(String what) {
        return this + ": " + what + ". Since it was granted: " + String.join("; ", story);
    }

    /** It has gone while its holder believes in it, which may be the servers' fault; but not for longer than its ttl. */
    private void endedEarly(String what) {
        if (excused) {
            if (findings.now() - excusedAt > lease.ttl().toNanos()) {
                accuse(what + ", for longer than its ttl");
            }
            return;
        }
        note(what);
        if (!accused) {
            long seenAt = findings.now();
            accused = findings.endedEarly(told(what), seenAt);
            excused = !accused;
            excusedAt = seenAt;
        }
    }

    /** The entries are acknowledged. */
    synchronized void attached(long revision) {
        note("entries put at revision " + revision);
        present(revision);
    }

    /** Before the holder begins to end it; returns whether it is held until now. */
    synchronized boolean leave() {
        boolean held = lease.isHeld();
        leaving = true;
        note(held ? "about to end it" : "found lost by its holder");
        return held;
    }

    /** Whether nobody relies on it any more. */
    synchronized boolean isOver() {
        return leaving || !lease.isHeld();
    }

    /** Whether nothing more is owed: it is over, the entries have gone, and the holder was told. */
    synchronized boolean isSettled() {
        return isOver() && goneAt != Long.MAX_VALUE && isTold();
    }

    boolean isTold() {
        return lease.ended().toCompletableFuture().isDone();
    }

    /** Somebody else takes entries away, so that it is no wrong if they go one by one, or while the lease is held. */
    synchronized void entriesMayGo() {
        note("somebody takes entries away");
        entriesMayGo = true;
    }

    /** Somebody saw some of the entries at a revision. */
    synchronized void present(String who, List<KeyValue> entries, long revision) {
        if (entries.size() != keys.size() && !entriesMayGo) {
            accuse("LEASE-3, " + who + " had only "
                    + entries.stream().map(KeyValue::key).toList() + " of " + keys + " at revision " + revision);
        }
        if (!entries.stream().allMatch(KeyValue::leased)) {
            accuse("LEASE-6, " + who + " had an entry without a lease at revision " + revision);
        }
        present(revision);
        if (goneAt < revision) {
            accuse("LEASE-5, " + who + " had entries again at revision " + revision + " that had gone by revision "
                    + goneAt);
        }
    }

    private void present(long revision) {
        presentAt = Math.min(presentAt, revision);
        lastPresentAt = Math.max(lastPresentAt, revision);
    }

    /** Somebody saw none of the entries at a revision. */
    synchronized void absent(String who, long revision) {
        if (revision < presentAt) {
            return;
        }
        if (revision < goneAt) {
            note("seen gone at revision " + revision + " by " + who);
            goneAt = revision;
        }
        if (revision < lastPresentAt && !entriesMayGo) {
            accuse("LEASE-5, " + who + " had none of the entries at revision " + revision
                    + ", and they were there at revision " + lastPresentAt);
        }
        gone(who);
    }

    /** Somebody found an entry missing after it had been put. */
    synchronized void gone(String who) {
        // In this order: who is still held after it was seen gone, and was not given up by then, was held all the time.
        if (lease.isHeld() && !leaving && presentAt != Long.MAX_VALUE && !entriesMayGo) {
            endedEarly("LEASE-4, held by its holder's clock when " + who + " had seen its entries gone");
        }
    }

    @Override
    public String toString() {
        return name + " (lease " + lease.id() + ")";
    }
}
