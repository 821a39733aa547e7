package dev.rollcall.benchmarks.stores;

import java.util.BitSet;
import java.util.concurrent.TimeoutException;

/** Which of a number of watches have shown what is waited for. Safe for use by several threads. */
final class Arrivals {
    private static final long LIMIT_NANOS = 120_000_000_000L;

    private final int count;
    private final BitSet missing = new BitSet();

    /** All are missing at first. */
    Arrivals(int count) {
        this.count = count;
        expectAll();
    }

    /** Begins again: all are missing. */
    synchronized void expectAll() {
        missing.set(0, count);
    }

    synchronized void seen(int number) {
        missing.clear(number);
        if (missing.isEmpty()) {
            notifyAll();
        }
    }

    synchronized void awaitAll() throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!missing.isEmpty()) {
            long rest = (deadline - System.nanoTime()) / 1_000_000;
            if (rest <= 0) {
                throw new TimeoutException(missing.cardinality() + " of " + count + " watches have not shown what"
                        + " they were to show; the first is " + missing.nextSetBit(0) + ".");
            }
            wait(rest);
        }
    }
}
