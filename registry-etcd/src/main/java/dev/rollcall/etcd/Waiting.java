package dev.rollcall.etcd;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The one place where a caller is made to wait: the end of a handle, which is worth a moment. */
final class Waiting {
    private Waiting() {}

    /** Waits until {@code done}, but not for longer than {@code limit}, nor once interrupted; the interrupt is kept. */
    static void atMost(CountDownLatch done, Duration limit) {
        try {
            boolean inTime = done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
            assert inTime || done.getCount() > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
