package dev.rollcall.benchmarks.stores;

import java.util.concurrent.TimeoutException;

/** The highest number that has been reached, and waiting for one. Safe for use by several threads. */
final class BenchmarkProgress {
    private static final long LIMIT_MILLIS = 120_000;

    private long reached;

    synchronized void reached(long number) {
        if (number > reached) {
            reached = number;
            notifyAll();
        }
    }

    synchronized void await(long number) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() / 1_000_000 + LIMIT_MILLIS;
        while (reached < number) {
            long rest = deadline - System.nanoTime() / 1_000_000;
            if (rest <= 0) {
                throw new TimeoutException("Only " + reached + " of " + number + " was seen.");
            }
            wait(rest);
        }
    }
}
