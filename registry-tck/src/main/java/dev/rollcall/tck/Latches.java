package dev.rollcall.tck;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Blocking on purpose. */
final class Latches {
    private Latches() {}

    /** Takes a permit; false if none comes soon, so that the caller can see whether it is still wanted. */
    static boolean acquire(Semaphore permits) {
        try {
            return permits.tryAcquire(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Blocks until the test lets go. Whoever gave up while the test still waits would let what is stuck behind it go on, and the fault would not be seen; the bound
     * is longer than any wait of the kit at any time scale, and only leaves no thread behind for ever.
     */
    static void await(CountDownLatch latch) {
        try {
            latch.await(6, TimeUnit.HOURS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Blocks for as long as something that must not happen meanwhile would need to happen, or until it has. */
    static void awaitBriefly(CountDownLatch latch) {
        try {
            latch.await(50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
