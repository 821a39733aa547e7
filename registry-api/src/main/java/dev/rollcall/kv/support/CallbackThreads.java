package dev.rollcall.kv.support;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs code of the application on as many threads as there are processors, and on one more whenever all of them are stuck.
 *
 * <p>A pool that starts a thread for each task that finds none idle would start thousands when one write concerns thousands of watches; a
 * pool of fixed size would stop when that many callbacks block. So a task that finds no thread waits, and one thread, the scout, only
 * watches: if tasks wait and none was taken for {@link #STALL_NANOS}, the threads are stuck, and it becomes a worker itself.
 */
final class CallbackThreads implements Executor, AutoCloseable {
    /* Concurrency: lock guards every field below it. No task and no start of a thread that can run one holds it. */
    static final int USUAL = Math.max(2, Runtime.getRuntime().availableProcessors());
    static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Logger LOG = LoggerFactory.getLogger(CallbackThreads.class);

    private final String prefix;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition backlog = lock.newCondition();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private int workers;
    private int idle;
    private boolean scout;
    private boolean scoutRests;
    private long taken;
    private int named;
    private boolean closed;

    CallbackThreads(String prefix) {
        this.prefix = prefix;
    }

    /** Runs {@code task} soon; also after {@link #close()}, so that nothing which is owed to the application is ever lost. */
    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            if (tasks.size() <= idle) {
                work.signal();
            } else if (workers < USUAL) {
                start(true);
            } else {
                callScout();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets threads end as soon as they find nothing to do, instead of some seconds later. Does not wait for them. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            backlog.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void callScout() {
        if (!scout) {
            start(false);
        } else if (scoutRests) {
            backlog.signal();
        }
    }

    /** Called with the lock held; the new thread begins by waiting for it. */
    private void start(boolean worker) {
        Thread thread = new Thread(null, worker ? this::work : this::scout, prefix + "-callback-" + ++named, 0, false);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            // No thread to be had now: the task waits for one that is there, or for the next call.
            LOG.warn("No thread could be started for callbacks; they wait.", e);
            return;
        }
        if (worker) {
            workers++;
        } else {
            scout = true;
        }
    }

    private void work() {
        lock.lock();
        try {
            for (Runnable task = takeOrEnd(); task != null; task = takeOrEnd()) {
                lock.unlock();
                try {
                    UserCode.run("callback", prefix, task);
                } finally {
                    lock.lock();
                }
            }
            workers--;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Runnable takeOrEnd() {
        long patience = LINGER_NANOS;
        while (tasks.isEmpty()) {
            if (closed || patience <= 0) {
                return null;
            }
            idle++;
            patience = await(work, patience);
            idle--;
        }
        taken++;
        Runnable task = tasks.remove();
        if (tasks.size() > idle && workers >= USUAL) {
            callScout();
        }
        return task;
    }

    private void scout() {
        lock.lock();
        try {
            long patience = LINGER_NANOS;
            while (true) {
                if (!tasks.isEmpty()) {
                    patience = LINGER_NANOS;
                    if (isStuck()) {
                        break;
                    }
                } else if (closed || patience <= 0) {
                    scout = false;
                    return;
                } else {
                    scoutRests = true;
                    patience = await(backlog, patience);
                    scoutRests = false;
                }
            }
            scout = false;
            workers++;
        } finally {
            lock.unlock();
        }
        work();
    }

    /** Whether no task was taken during a while in which some waited all the time. */
    private boolean isStuck() {
        long before = taken;
        long rest = STALL_NANOS;
        while (rest > 0 && taken == before && !tasks.isEmpty()) {
            rest = await(backlog, rest);
        }
        return taken == before && !tasks.isEmpty();
    }

    @SuppressWarnings("WaitNotInLoop") // Every caller loops.
    private static long await(Condition condition, long nanos) {
        try {
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Left behind by a callback, or sent by someone who has no say over these threads.
            return nanos;
        }
    }
}
