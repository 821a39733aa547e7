package dev.rollcall.benchmarks.sizes;

import java.lang.management.ManagementFactory;

/** What is left of the heap when garbage has been collected. */
public final class LiveHeap {
    private static final int COLLECTIONS = 3;

    private LiveHeap() {}

    /** The bytes in use after a few collections. */
    public static long bytes() throws InterruptedException {
        long live = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            // References are cleared by a thread of its own.
            Thread.sleep(50);
            live = Math.min(
                    live,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return live;
    }
}
