package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Printable;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Settings of a {@link Registration}; immutable. Each {@code with} method makes other ones, and refuses what cannot be. */
public final class RegistrationOptions {
    private static final int LONGEST_OWNER = 128;

    private final RegistrationMode mode;
    private final Duration ttl;
    private final boolean healsAfterConflict;
    private final Duration firstPause;
    private final Duration longestPause;
    private final Optional<String> owner;
    private final OptionalLong seed;

    private RegistrationOptions(
            RegistrationMode mode,
            Duration ttl,
            boolean healsAfterConflict,
            Duration firstPause,
            Duration longestPause,
            Optional<String> owner,
            OptionalLong seed) {
        this.mode = requireNonNull(mode, "mode");
        this.ttl = ttl;
        this.healsAfterConflict = healsAfterConflict;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
        this.owner = owner;
        this.seed = seed;
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

    /**
     * A mode with a ttl of 10 seconds, pauses from 100 ms to 5 seconds, and healing after a conflict.
     *
     * @param mode what goes when the owner falls silent
     */
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

    /**
     * These options with another ttl: how long the node survives an owner that has fallen silent; brought within the backend's limits.
     *
     * @throws IllegalArgumentException if it is not positive or longer than 365 days
     */
    public RegistrationOptions withTtl(Duration newTtl) {
        return new RegistrationOptions(mode, newTtl, healsAfterConflict, firstPause, longestPause, owner, seed);
    }

    /** These options, by which the node is registered once another owner of the id has gone, or by which a conflict is final. */
    public RegistrationOptions withHealingAfterConflict(boolean heals) {
        return new RegistrationOptions(mode, ttl, heals, firstPause, longestPause, owner, seed);
    }

    /**
     * These options with other pauses.
     *
     * @param first the longest pause before a first repair; doubles with each one that follows soon. The actual pause is random between zero and
     *     this, so that nodes which were lost together do not come back together
     * @param longest where the doubling ends
     * @throws IllegalArgumentException if one is not positive or longer than 365 days, or the first is longer than the longest
     */
    public RegistrationOptions withPauses(Duration first, Duration longest) {
        return new RegistrationOptions(mode, ttl, healsAfterConflict, first, longest, owner, seed);
    }

    /**
     * These options with an owner of the host's choice: a name that no other process has at the same time, such as the uid of a pod, or a host name
     * where a host runs one process. An owner that has crashed and is back takes the place of its former self at once, without waiting for the ttl;
     * the former self, should it still run, ends in a final conflict. Without it nobody knows the owner again.
     *
     * @throws IllegalArgumentException if it has more than 128 characters, a {@code #}, or one that {@link dev.rollcall.kv.Key} refuses
     */
    public RegistrationOptions withOwner(String newOwner) {
        return new RegistrationOptions(
                mode, ttl, healsAfterConflict, firstPause, longestPause, Optional.of(newOwner), seed);
    }

    /** These options with a seed that the randomness of pauses starts from, for repeatable tests. */
    public RegistrationOptions withSeed(long newSeed) {
        return new RegistrationOptions(
                mode, ttl, healsAfterConflict, firstPause, longestPause, owner, OptionalLong.of(newSeed));
    }

    RegistrationMode mode() {
        return mode;
    }

    Duration ttl() {
        return ttl;
    }

    boolean healsAfterConflict() {
        return healsAfterConflict;
    }

    Duration firstPause() {
        return firstPause;
    }

    Duration longestPause() {
        return longestPause;
    }

    Optional<String> owner() {
        return owner;
    }

    OptionalLong seed() {
        return seed;
    }

    /** The mode, the ttl, and the owner if there is one. */
    @Override
    public String toString() {
        return "RegistrationOptions[" + mode + ", ttl " + ttl
                + owner.map(name -> ", owner " + Printable.text(name)).orElse("") + "]";
    }
}
