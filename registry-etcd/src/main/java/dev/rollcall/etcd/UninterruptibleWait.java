package dev.rollcall.etcd;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The one place where a caller blocks: the close of a handle, for a moment. */
final class UninterruptibleWait {
    private UninterruptibleWait() {}

    /**
     * Waits until {@code done}, but not for longer than {@code limit}. A caller that is interrupted, as one is that shuts down, waits all
     * the same, since what is waited for is worth more than the moment; the interrupt is kept.
     */
    static void atMost(CountDownLatch done, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        boolean over = false;
        while (!over) {
            try {
                over = done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
                        || System.nanoTime() - deadline >= 0;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
