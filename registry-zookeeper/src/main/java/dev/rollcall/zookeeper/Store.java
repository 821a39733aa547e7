package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.ConnectionTracker;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.data.ACL;

/** The parts of one handle, for each other. */
final class Store {
    private static final AtomicLong CHORES = new AtomicLong();
    private static final int MOST_CHORES = 8;

    /* Concurrency: immutable; the parts guard themselves. */
    private final ZooKeeperConfig config;
    private final HandleThreads threads = HandleThreads.open("zookeeper");
    private final ThreadPoolExecutor chores;
    private final PendingCalls calls;
    private final ConnectionTracker tracker;
    private final Floor floor = new Floor();
    private final Foundations foundations;
    private final ChangeFeed feed;
    private final Connection connection;
    private final Pruner pruner;

    Store(ZooKeeperConfig config) {
        this.config = config;
        this.chores = new ThreadPoolExecutor(
                MOST_CHORES, MOST_CHORES, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Store::thread);
        chores.allowCoreThreadTimeOut(true);
        this.calls = new PendingCalls(config.timeout(), threads.time(), threads.callbacks());
        this.tracker = new ConnectionTracker(threads.time(), threads.callbacks());
        this.foundations = new Foundations(config.layout(), config.acl());
        this.feed = new ChangeFeed(this);
        this.connection = new Connection(config, chores, threads.time(), tracker, feed);
        this.pruner = new Pruner(config.layout(), connection, threads.time());
    }

    /** The client names its own threads after the one that starts it. */
    private static Thread thread(Runnable work) {
        Thread thread = new Thread(null, work, "rollcall-zookeeper-session-" + CHORES.incrementAndGet(), 0, false);
        thread.setDaemon(true);
        return thread;
    }

    ZooKeeperConfig config() {
        return config;
    }

    String name() {
        return config.name();
    }

    Layout layout() {
        return config.layout();
    }

    List<ACL> acl() {
        return config.acl();
    }

    /** Runs what may block for a while. */
    Executor chores() {
        return chores;
    }

    HandleThreads threads() {
        return threads;
    }

    PendingCalls calls() {
        return calls;
    }

    ConnectionTracker tracker() {
        return tracker;
    }

    Floor floor() {
        return floor;
    }

    Foundations foundations() {
        return foundations;
    }

    ChangeFeed feed() {
        return feed;
    }

    Connection connection() {
        return connection;
    }

    Pruner pruner() {
        return pruner;
    }

    /** Lets the threads end. */
    void close() {
        tracker.closed();
        threads.close();
        // Not shut down: sessions that are still being let go of need it for a moment.
        chores.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
    }
}
