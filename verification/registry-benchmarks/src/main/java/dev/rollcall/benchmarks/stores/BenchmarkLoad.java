package dev.rollcall.benchmarks.stores;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** Keeps a number of operations in flight. */
final class BenchmarkLoad {
    private BenchmarkLoad() {}

    /** Runs operations 0 to {@code count}, exclusive, at most {@code inFlight} at a time, and returns the seconds that it took. */
    static double run(int count, int inFlight, IntFunction<CompletableFuture<?>> operation)
            throws InterruptedException {
        Semaphore room = new Semaphore(inFlight);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            room.acquire();
            operation.apply(i).whenComplete((result, thrown) -> {
                if (thrown != null) {
                    failure.compareAndSet(null, thrown);
                }
                room.release();
            });
        }
        room.acquire(inFlight);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (failure.get() != null) {
            throw new IllegalStateException("An operation failed.", failure.get());
        }
        return seconds;
    }

    /** Runs operations one after another, and returns their times in nanoseconds, sorted. */
    static long[] oneByOne(int count, IntFunction<CompletableFuture<?>> operation) throws Exception {
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            operation.apply(i).get(60, TimeUnit.SECONDS);
            times[i] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        return times;
    }
}
