package dev.rollcall.tck.nemesis;

import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.HoldEnd;
import dev.rollcall.coordination.LockHold;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The turns of one lock that have not ended, as their holders believe. No two may look held at once: what has ended never comes back, so
 * one that is held before and after another was found to be held was held meanwhile. Safe for use by several threads.
 */
final class Holds {
    private final Map<LockHold, String> held = new ConcurrentHashMap<>();
    private final AtomicLong latest = new AtomicLong();
    /** Turns up to this token may have been ended by somebody who took their entries away: their holders learn that in their own time. */
    private volatile long endedByOthers;

    private final RunFindings findings;

    Holds(RunFindings findings) {
        this.findings = findings;
    }

    /** The token of the latest turn that has been had: the token of one that is asked for from now on is greater. */
    long latestToken() {
        return latest.get();
    }

    /** Somebody takes entries away from now on, until {@link #entriesStay}. */
    void entriesMayGo() {
        endedByOthers = Long.MAX_VALUE;
    }

    /** The entries of turns with later tokens stay. */
    void entriesStay(long revision) {
        endedByOthers = revision;
    }

    private boolean mayBeEndedByOthers(LockHold hold) {
        return hold.token().revision() <= endedByOthers;
    }

    /** Asks the store whether a turn is over. */
    interface Store {
        boolean isOver(FencingToken token) throws InterruptedException;
    }

    /** A turn has come, which was asked for when {@code floor} was the {@link #latestToken()}. */
    void begin(String holder, LockHold hold, long floor, Store store) throws InterruptedException {
        held.put(hold, holder);
        for (Map.Entry<LockHold, String> other : held.entrySet()) {
            if (other.getKey() != hold && other.getKey().isHeld() && hold.isHeld()) {
                long seenAt = findings.now();
                twice(
                        "two turns of one lock were held at once, by their holders' clocks: " + hold + " of " + holder
                                + " and " + other,
                        earlier(hold, other.getKey()),
                        seenAt,
                        store);
            }
        }
        long token = hold.token().revision();
        if (token <= floor) {
            findings.violation("the token of " + hold + " of " + holder + " is not greater than " + floor
                    + ", which another had when this was asked for");
        }
        latest.accumulateAndGet(token, Math::max);
    }

    private static LockHold earlier(LockHold one, LockHold other) {
        return one.token().revision() < other.token().revision() ? one : other;
    }

    /** If the store, and not its holder, has ended the earlier turn, its lease was too short; otherwise the lock has let in two. */
    private void twice(String what, LockHold earlier, long seenAt, Store store) throws InterruptedException {
        if (store.isOver(earlier.token()) && !isReleased(earlier)) {
            if (!mayBeEndedByOthers(earlier)) {
                findings.endedEarly("LEASE-4, " + what, seenAt);
            }
        } else {
            findings.violation(what);
        }
    }

    private static boolean isReleased(LockHold hold) {
        return hold.ended().toCompletableFuture().getNow(null) == HoldEnd.RELEASED;
    }

    /** The store has said that a turn is over. */
    void refused(String holder, LockHold hold) {
        if (hold.isHeld() && !mayBeEndedByOthers(hold)) {
            findings.endedEarly(
                    "LEASE-4, held by its holder's clock when the store had said that it is over: " + hold + " of "
                            + holder,
                    findings.now());
        }
    }

    /** Its holder has ended it, or knows that it is over. */
    void end(LockHold hold) {
        held.remove(hold);
    }
}
