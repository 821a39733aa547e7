package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.ConnectionTracker;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import java.util.List;
import org.apache.zookeeper.data.ACL;

/** The parts of one handle, for each other. */
final class Store {
    /* Concurrency: immutable; the parts guard themselves. */
    private final ZooKeeperConfig config;
    private final Wire.Opener opener;
    private final HandleThreads threads = HandleThreads.open("zookeeper");
    private final Chores chores = new Chores();
    private final PendingCalls calls;
    private final ConnectionTracker tracker;
    private final Floor floor = new Floor();
    private final ReplyBudget budget = new ReplyBudget();
    private final KnownVersions versions;
    private final Foundations foundations;
    private final ChangeFeed feed;
    private final Connection connection;
    private final Pruner pruner;

    Store(ZooKeeperConfig config, Wire.Opener opener) {
        this.config = config;
        this.opener = opener;
        this.calls = new PendingCalls(config.timeout(), threads.time(), threads.callbacks());
        this.tracker = new ConnectionTracker(threads.time(), threads.callbacks());
        this.versions = new KnownVersions(config.layout(), threads.time()::nanoTime);
        this.foundations = new Foundations(config.layout(), config.acl());
        this.feed = new ChangeFeed(this);
        this.connection = new Connection(config, opener, chores, threads.time(), tracker, feed);
        this.pruner = new Pruner(config.layout(), connection, threads.time());
    }

    ZooKeeperConfig config() {
        return config;
    }

    Wire.Opener opener() {
        return opener;
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

    Chores chores() {
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

    ReplyBudget budget() {
        return budget;
    }

    KnownVersions versions() {
        return versions;
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
        chores.close();
    }
}
