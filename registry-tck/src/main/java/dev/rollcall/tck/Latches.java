package dev.rollcall.tck;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Blocking on purpose, in user code that a backend has called. */
final class Latches {
    private Latches() {}

    /** Blocks until the test lets go; gives up after a minute, so that a test that failed leaves no thread behind for ever. */
    static void await(CountDownLatch latch) {
        try {
            latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
