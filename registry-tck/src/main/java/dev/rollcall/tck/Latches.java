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

    /** Blocks until the test lets go; gives up after a minute, so that a test that failed leaves no thread behind for ever. */
    static void await(CountDownLatch latch) {
        try {
            latch.await(1, TimeUnit.MINUTES);
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
