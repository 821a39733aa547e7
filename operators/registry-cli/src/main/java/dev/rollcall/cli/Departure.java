package dev.rollcall.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command close what it has opened when the process is told to end by a signal: its thread is interrupted, and the JVM ends once the command has, or
 * once that takes too long. The JVM's exit code is the signal's, 128 and its number.
 */
/* Concurrency: told is written by the thread of the hook and read by the command's. */
final class Departure implements AutoCloseable {
    /** Long enough for the demo's nodes, each of which may wait for the store, and shorter than Kubernetes waits before it kills. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private final Thread hook;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean told;

    /** From now on, {@code command} is interrupted when the process is to end. */
    Departure(Thread command) {
        this.hook = new Thread(null, () -> leave(command), "rollcall-departure", 0, false);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void leave(Thread command) {
        told = true;
        command.interrupt();
        try {
            over.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the process has been told to end, so that what fails now is no news. */
    boolean isTold() {
        return told;
    }

    /** The command is over, and the process may end. */
    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs, or has run.
        }
    }
}
