package dev.rollcall.tck.nemesis;

import dev.rollcall.coordination.LockHold;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The turns of one lock that have not ended, as their holders believe. No two may look held at once: what has ended never comes back, so
 * one that is held before and after another was found to be held was held meanwhile. Safe for use by several threads.
 */
final class Holds {
    private final Map<LockHold, String> held = new ConcurrentHashMap<>();
    private final AtomicLong latest = new AtomicLong();
    private final Consumer<String> accuse;

    Holds(Consumer<String> accuse) {
        this.accuse = accuse;
    }

    /** The token of the latest turn that has been had: the token of one that is asked for from now on is greater. */
    long latestToken() {
        return latest.get();
    }

    /** A turn has come, which was asked for when {@code floor} was the {@link #latestToken()}. */
    void begin(String holder, LockHold hold, long floor) {
        held.put(hold, holder);
        for (Map.Entry<LockHold, String> other : held.entrySet()) {
            if (other.getKey() != hold && other.getKey().isHeld() && hold.isHeld()) {
                accuse.accept("two turns of one lock were held at once, by their holders' clocks: " + hold + " of "
                        + holder + " and " + other);
            }
        }
        long token = hold.token().revision();
        if (token <= floor) {
            accuse.accept("the token of " + hold + " of " + holder + " is not greater than " + floor
                    + ", which another had when this was asked for");
        }
        latest.accumulateAndGet(token, Math::max);
    }

    /** The store has said that a turn is over. */
    void refused(String holder, LockHold hold) {
        if (hold.isHeld()) {
            accuse.accept("LEASE-4, held by its holder's clock when the store had said that it is over: " + hold
                    + " of " + holder);
        }
    }

    /** Its holder has ended it, or knows that it is over. */
    void end(LockHold hold) {
        held.remove(hold);
    }
}
