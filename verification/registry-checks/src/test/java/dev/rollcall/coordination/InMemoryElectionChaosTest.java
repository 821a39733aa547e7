package dev.rollcall.coordination;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryElectionChaosTest extends ElectionChaos {
    @Override
    boolean isVirtual() {
        return true;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void noTwoLeadersPassAtOnce(long seed) throws InterruptedException {
        run(seed, 250);
    }
}
