package dev.rollcall.tck.server;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A clock that goes slower on a machine that is busy with something else: it counts for how long a thread that always wants to run has
 * been running. What is late only because its threads had to wait for a processor is in time by this clock, since the clock had to wait
 * as well; on a quiet machine it keeps time with the clock on the wall. It takes a processor while it goes, so it is for seconds.
 */
public final class FairClock implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** How late, by this clock, something may be that was to end at a given time: its threads have yet to say so. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final long LOOK_MILLIS = 2;

    private final Thread runner = new Thread(null, this::run, "kit-fair-clock", 0, false);
    private volatile long ran;
    private volatile boolean stopped;

    private FairClock() {
        runner.setDaemon(true);
        runner.start();
    }

    /** A clock that begins to go now. */
    public static FairClock start() {
        return new FairClock();
    }

    private void run() {
        boolean measured = THREADS.isCurrentThreadCpuTimeSupported();
        long begun = measured ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
        while (!stopped) {
            ran = (measured ? THREADS.getCurrentThreadCpuTime() : System.nanoTime()) - begun;
            Thread.onSpinWait();
        }
    }

    /** The time since the start. */
    public Duration elapsed() {
        return Duration.ofNanos(ran);
    }

    /** Whether {@code future} ends within {@code limit} and a second by this clock, which is the longest wait. */
    public static boolean endsInTime(CompletableFuture<?> future, Duration limit) {
        if (isDoneWithin(future, limit.toMillis())) {
            return true;
        }
        try (FairClock clock = start()) {
            while (clock.elapsed().compareTo(GRACE) < 0) {
                if (isDoneWithin(future, LOOK_MILLIS)) {
                    return true;
                }
            }
            return future.isDone();
        }
    }

    private static boolean isDoneWithin(CompletableFuture<?> future, long millis) {
        try {
            future.handle((result, failure) -> true).get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("What handles every end has failed.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test was interrupted while it waited.", e);
        }
    }

    /** Stops the clock and gives its processor back. */
    @Override
    public void close() {
        stopped = true;
        try {
            runner.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
