package dev.rollcall.tck;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * How a run goes.
 *
 * @param seed repeats the random choices of a run; {@code -Dtck.seed}, by default a new one each time
 * @param timeScale stretches every time budget, for slow machines; {@code -Dtck.timeScale} or {@code ROLLCALL_TCK_TIME_SCALE}, by default 1
 * @param size scales the tests that move much data, 1 being what the contract names; {@code -Dtck.size}
 */
public record KitSettings(long seed, double timeScale, double size) {
    static final String SEED = "tck.seed";
    static final String TIME_SCALE = "tck.timeScale";
    static final String SIZE = "tck.size";
    private static final String TIME_SCALE_VARIABLE = "ROLLCALL_TCK_TIME_SCALE";

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

    static KitSettings from(Function<String, Optional<String>> properties) {
        long seed = properties
                .apply(SEED)
                .map(Long::parseLong)
                // Short enough to be typed from a log.
                .orElseGet(() -> ThreadLocalRandom.current().nextLong(1, 1_000_000_000));
        double scale = properties
                .apply(TIME_SCALE)
                .or(() -> Optional.ofNullable(System.getenv(TIME_SCALE_VARIABLE)))
                .map(Double::parseDouble)
                .orElse(1.0);
        return new KitSettings(
                seed, scale, properties.apply(SIZE).map(Double::parseDouble).orElse(1.0));
    }
}
