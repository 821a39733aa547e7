package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A serial executor: runs tasks one at a time, in order, on threads of an executor; each task happens-before the next. State that only tasks of one lane
 * touch needs no lock.
 */
/*
 * Concurrency: tasks is thread-safe; waiting counts what is queued or running. Whoever raises it from 0 starts the drain, and only the drain
 * lowers it, so there is at most one drain.
 */
public final class SerialLane implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLane.class);

    private final Executor threads;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** A lane on threads of {@code threads}, which must not refuse a task. */
    public SerialLane(Executor threads) {
        this.threads = requireNonNull(threads, "threads");
    }

    /** Queues {@code task}; what it throws is reported to the log and stops nothing. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            threads.execute(this::drain);
        }
    }

    private void drain() {
        do {
            Runnable task = tasks.remove();
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("A callback has failed; what follows it goes on.", e);
            }
        } while (waiting.decrementAndGet() > 0);
    }
}
