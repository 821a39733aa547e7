package dev.rollcall.registry;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads on which a registry calls its user's listeners and futures, and moves its registrations on. As many as are busy at once, since
 * user code may block; idle ones end after a few seconds.
 */
final class Callbacks implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private final ThreadPoolExecutor threads;

    Callbacks(String name) {
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "rollcall-callback-" + name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Runs a task on one of the threads; after {@link #close()} drops it. */
    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("A callback came after its registry was closed, and is dropped.");
        }
    }

    /** Lets what runs come to its end, and the threads with it. Does not wait. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
