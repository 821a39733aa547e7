package dev.rollcall.zookeeper;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads for what a handle must not wait for: opening ZooKeeper's clients, which name their own threads after the one that starts them,
 * and letting go of them. The latter waits for the client's threads, seconds if they are between two attempts to connect; so it has
 * threads of its own, or the end of many leases by an outage would hold up the reconnection after it.
 */
final class ClientThreads {
    /* Concurrency: the pools guard themselves. */
    private static final AtomicLong THREADS = new AtomicLong();
    private static final int MOST = 8;

    private final ThreadPoolExecutor opening;
    private final ThreadPoolExecutor parting;

    ClientThreads() {
        this(ClientThreads::thread);
    }

    /** @param threads makes them when they are needed */
    ClientThreads(ThreadFactory threads) {
        this.opening = pool(threads);
        this.parting = pool(threads);
    }

    private static ThreadPoolExecutor pool(ThreadFactory threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(MOST, MOST, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(null, work, "rollcall-zookeeper-session-" + THREADS.incrementAndGet(), 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** Opens a client soon. */
    void open(Runnable task) {
        opening.execute(task);
    }

    /** Lets go of a client soon. */
    void part(Runnable task) {
        parting.execute(task);
    }

    /** Lets the threads end when there is nothing to do; not before, since sessions that are still being let go of need them. */
    void close() {
        opening.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
        parting.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
