package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Set;

/**
 * A known bug of a cluster's servers that no client can prevent. Violations that match it are counted separately, with a link to its issue. Everything that
 * does not match all of its marks is a violation, so keep the marks as narrow as the observations allow.
 *
 * @param upstream the address where it is reported to the servers' makers, with {@code https://}
 * @param effect what it does
 * @param after the faults that bring it about: one of them was the last to be undone, and had struck whom it is named after, such as the leader
 * @param within how long after that its effect may be seen
 */
public record KnownFault(String upstream, Effect effect, Set<Fault> after, Duration within) {
    /** What servers may do wrong without any client being able to help it. */
    public enum Effect {
        /**
         * Rule LEASE-4: a lease ends, and its entries go, while its holder rightly believes in it. In a lock the holder of that turn is refused by
         * the store, or the next turn begins, before the holder knows.
         */
        LEASE_ENDS_EARLY
    }

    public KnownFault {
        requireNonNull(upstream, "upstream");
        requireNonNull(effect, "effect");
        requireNonNull(within, "within");
        after = Set.copyOf(after);
        if (!upstream.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "A known fault is named by where it is reported, an address with https://, but this one by '"
                            + upstream + "'.");
        }
        if (after.isEmpty() || within.isNegative() || within.isZero()) {
            throw new IllegalArgumentException("The known fault " + upstream
                    + " must follow some fault, within a positive time, but follows " + after + " within " + within
                    + ".");
        }
    }
}
