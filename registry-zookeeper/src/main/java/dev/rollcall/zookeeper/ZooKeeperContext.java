package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.ConnectionTracker;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shared by all components of one handle. */
final class ZooKeeperContext {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperContext.class);

    /* Concurrency: immutable; the parts guard themselves. */
    private final ZooKeeperConfig config;
    private final Transport.Opener opener;
    private final HandleThreads threads;
    private final ClientThreads clients;
    private final PendingCalls calls;
    private final ConnectionTracker tracker;
    private final RevisionWatermark watermark = new RevisionWatermark();
    private final ZooKeeperRewindDetector memory;
    private final LeaseSessions leases = new LeaseSessions(this);
    private final ReplyBudget budget = new ReplyBudget();
    private final KnownVersions versions;
    private final StoreNodes storeNodes;
    private final ChangeFeed feed;
    private final Connection connection;
    private final Pruner pruner;

    ZooKeeperContext(ZooKeeperConfig config, Transport.Opener opener, HandleThreads threads, ClientThreads clients) {
        this.config = config;
        this.opener = opener;
        this.threads = threads;
        this.clients = clients;
        this.calls = new PendingCalls(config.timeout(), threads.time(), threads.callbacks());
        this.tracker = new ConnectionTracker(threads.time(), threads.callbacks());
        this.versions = new KnownVersions(config.layout(), threads.time()::nanoTime);
        this.storeNodes = new StoreNodes(config.layout(), config.access());
        this.feed = new ChangeFeed(this);
        this.memory = new ZooKeeperRewindDetector(config.layout(), watermark, this::rewound);
        this.connection = new Connection(config, opener, clients, threads.time(), tracker, feed, memory);
        this.pruner = new Pruner(config.layout(), connection, threads.time());
    }

    ZooKeeperConfig config() {
        return config;
    }

    Transport.Opener opener() {
        return opener;
    }

    String name() {
        return config.name();
    }

    Layout layout() {
        return config.layout();
    }

    NodeAccess access() {
        return config.access();
    }

    ClientThreads clients() {
        return clients;
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

    RevisionWatermark watermark() {
        return watermark;
    }

    ZooKeeperRewindDetector memory() {
        return memory;
    }

    /** The store is not the one that it was: nothing that is known of it holds any more. On the event thread of the present connection. */
    void rewound(String reason) {
        LOG.warn(
                "{}: the store has gone back in time or is another one: {}. Watches begin again with a snapshot, or end; leases are lost.",
                name(),
                reason);
        String sentence = "the store has gone back in time or is another one: " + reason;
        tracker.disconnected(
                new UnavailableException(new Context(name(), "connection", null), Outcome.NOT_APPLIED, sentence, null));
        tracker.connected();
        memory.forget();
        watermark.reset();
        versions.forget();
        feed.rewound(sentence);
        leases.rewound(reason);
    }

    ReplyBudget budget() {
        return budget;
    }

    KnownVersions versions() {
        return versions;
    }

    StoreNodes storeNodes() {
        return storeNodes;
    }

    ChangeFeed feed() {
        return feed;
    }

    Connection connection() {
        return connection;
    }

    LeaseSessions leases() {
        return leases;
    }

    Pruner pruner() {
        return pruner;
    }

    /** Lets the threads end. */
    void close() {
        tracker.closed();
        threads.close();
        clients.close();
    }
}
