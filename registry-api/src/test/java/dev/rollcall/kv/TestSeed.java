package dev.rollcall.kv;

import java.util.Random;

/** Random choices of tests that follow from the one seed of a build, {@code -Dtest.seed}. */
public final class TestSeed {
    private static final long SEED = Long.getLong("test.seed", 1);

    private TestSeed() {}

    /** The choices for one purpose, such as the name of a test. */
    public static Random random(String purpose) {
        return new Random(SEED * 31 + purpose.hashCode());
    }
}
