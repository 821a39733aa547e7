package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Printable;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Settings of a {@link Registration}; immutable.
 *
 * @param mode what goes when the owner falls silent
 * @param ttl how long the node survives an owner that has fallen silent; brought within the backend's limits
 * @param healsAfterConflict whether the node is registered once another owner of the id has gone; otherwise a conflict is final
 * @param firstPause the longest pause before a first repair; doubles with each one that follows soon. The actual pause is random between zero
 *     and this, so that nodes which were lost together do not come back together
 * @param longestPause where the doubling ends
 * @param owner who the owner is, if the host knows a name that no other process has at the same time: the uid of a pod, a host name where a
 *     host runs one process. An owner that has crashed and is back takes the place of its former self at once, without waiting for the ttl; the
 *     former self, should it still run, ends in a final conflict. Empty for an owner that nobody knows again. At most 128 characters, without
 *     {@code #}, and none that {@link dev.rollcall.kv.Key} refuses
 * @param seed what the randomness starts from, for repeatable tests; or empty
 */
public record RegistrationOptions(
        RegistrationMode mode,
        Duration ttl,
        boolean healsAfterConflict,
        Duration firstPause,
        Duration longestPause,
        Optional<String> owner,
        OptionalLong seed) {
    private static final int LONGEST_OWNER = 128;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if a duration is not positive or longer than 365 days, or the first pause is longer than the longest
     */
    public RegistrationOptions {
        requireNonNull(mode, "mode");
        requireNonNull(owner, "owner");
        requireNonNull(seed, "seed");
        owner.ifPresent(RegistrationOptions::checkOwner);
        Durations.check("ttl", ttl);
        Durations.check("first pause", firstPause);
        Durations.check("longest pause", longestPause);
        if (firstPause.compareTo(longestPause) > 0) {
            throw new IllegalArgumentException("The first pause must not be longer than the longest, but they are "
                    + firstPause + " and " + longestPause + ".");
        }
    }

    private static void checkOwner(String owner) {
        Segments.check("owner", owner);
        if (owner.length() > LONGEST_OWNER || owner.indexOf('#') >= 0) {
            throw new IllegalArgumentException("Not an owner: '" + Printable.text(owner) + "': it must have at most "
                    + LONGEST_OWNER + " characters and no '#'.");
        }
    }

    /** A mode with a ttl of 10 seconds, pauses from 100 ms to 5 seconds, and healing after a conflict. */
    public static RegistrationOptions of(RegistrationMode mode) {
        return new RegistrationOptions(
                mode,
                Duration.ofSeconds(10),
                true,
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Optional.empty(),
                OptionalLong.empty());
    }

    /** These options with another ttl. */
    public RegistrationOptions withTtl(Duration newTtl) {
        return new RegistrationOptions(mode, newTtl, healsAfterConflict, firstPause, longestPause, owner, seed);
    }

    /** These options with or without healing after a conflict. */
    public RegistrationOptions withHealingAfterConflict(boolean heals) {
        return new RegistrationOptions(mode, ttl, heals, firstPause, longestPause, owner, seed);
    }

    /** These options with other pauses. */
    public RegistrationOptions withPauses(Duration first, Duration longest) {
        return new RegistrationOptions(mode, ttl, healsAfterConflict, first, longest, owner, seed);
    }

    /** These options with an owner of the host's choice. */
    public RegistrationOptions withOwner(String newOwner) {
        return new RegistrationOptions(
                mode, ttl, healsAfterConflict, firstPause, longestPause, Optional.of(newOwner), seed);
    }

    /** These options with a seed. */
    public RegistrationOptions withSeed(long newSeed) {
        return new RegistrationOptions(
                mode, ttl, healsAfterConflict, firstPause, longestPause, owner, OptionalLong.of(newSeed));
    }
}
