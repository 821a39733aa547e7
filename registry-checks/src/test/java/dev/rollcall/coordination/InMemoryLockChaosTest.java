package dev.rollcall.coordination;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryLockChaosTest extends LockChaos {
    @Override
    boolean expiresAtOnce() {
        return true;
    }

    @Override
    void pass(Duration time) {
        store.advance(time);
        // So that what that has set off on other threads has a chance to come in between.
        CompletableFuture.runAsync(() -> {}).join();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void noTwoTurnsPassAtOnce(long seed) throws InterruptedException {
        run(seed, 250);
    }
}
