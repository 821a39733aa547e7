package dev.rollcall.kv.support;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The machine's time, with a timer whose one daemon thread starts when it is first needed and ends a second after nothing is scheduled any
 * more. It never has to be closed; closing it drops what is scheduled, and what is scheduled afterwards never runs.
 */
public final class SystemTime implements TimeSource, AutoCloseable {
    private static final long LINGER_MILLIS = 1_000;

    private final String threadName;
    private final ScheduledThreadPoolExecutor timer;

    /** A clock whose timer thread will have this name. */
    public SystemTime(String threadName) {
        this.threadName = threadName;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(null, task, threadName, 0, false);
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRejectedExecutionHandler((task, executor) -> {});
        // Safe for a timer, since a pool keeps a last thread as long as its queue is not empty.
        timer.setKeepAliveTime(LINGER_MILLIS, TimeUnit.MILLISECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant instant() {
        return Instant.now();
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
        Future<?> scheduled = timer.schedule(
                () -> UserCode.run("timer task", threadName, task), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdown();
    }
}
