package dev.rollcall.tck;

import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * How a run goes.
 *
 * <p>Every random choice of the kit follows from one seed: what its tests write, what workloads do, which faults come and when, and with
 * {@link KitLauncher} the order of the tests as well. Not given, it is a new one for each JVM. Either way it is printed when a class of the
 * kit begins, and is in the report and in whatever a failure says; {@code -Dtck.seed} gives it back. It does not repeat how threads meet.
 *
 * @param seed repeats the random choices of a run; {@code -Dtck.seed}, by default a new one for each JVM
 * @param timeScale stretches every time budget, for slow machines; {@code -Dtck.timeScale} or {@code ROLLCALL_TCK_TIME_SCALE}, by default 1
 * @param size scales the tests that move much data, 1 being what the contract names; {@code -Dtck.size}
 */
public record KitSettings(long seed, double timeScale, double size) {
    static final String SEED = "tck.seed";
    static final String TIME_SCALE = "tck.timeScale";
    static final String SIZE = "tck.size";
    private static final String TIME_SCALE_VARIABLE = "ROLLCALL_TCK_TIME_SCALE";
    /** Short enough to be typed from a log; one for all, so that a JVM with several runs can be repeated as a whole. */
    private static final long NEW_SEED = ThreadLocalRandom.current().nextLong(1, 1_000_000_000);

    public KitSettings {
        if (!(timeScale > 0) || !(size > 0)) {
            throw new IllegalArgumentException(
                    "Time scale and size must be positive, but are " + timeScale + " and " + size + ".");
        }
    }

    /** The settings of system properties and environment. */
    public static KitSettings fromEnvironment() {
        return from(name -> Optional.ofNullable(System.getProperty(name)));
    }

    /** These settings with another time scale. */
    public KitSettings withTimeScale(double scale) {
        return new KitSettings(seed, scale, size);
    }

    /** These settings with another size. */
    public KitSettings withSize(double factor) {
        return new KitSettings(seed, timeScale, factor);
    }

    /** These settings with another seed. */
    public KitSettings withSeed(long other) {
        return new KitSettings(other, timeScale, size);
    }

    /** Random choices for one purpose, such as the name of a test, that the seed repeats. */
    public Random random(String purpose) {
        return new Random(seed * 31 + purpose.hashCode());
    }

    private static long seed(String text) {
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The seed -D" + SEED + " must be a whole number, but is '" + text + "'.", e);
        }
    }

    static KitSettings from(Function<String, Optional<String>> properties) {
        long seed = properties.apply(SEED).map(KitSettings::seed).orElse(NEW_SEED);
        double scale = properties
                .apply(TIME_SCALE)
                .or(() -> Optional.ofNullable(System.getenv(TIME_SCALE_VARIABLE)))
                .map(Double::parseDouble)
                .orElse(1.0);
        return new KitSettings(
                seed, scale, properties.apply(SIZE).map(Double::parseDouble).orElse(1.0));
    }
}
