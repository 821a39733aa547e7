package dev.rollcall.zookeeper;

import dev.rollcall.tck.TestStore;
import java.util.concurrent.atomic.AtomicInteger;

/** Stores on the one real ZooKeeper of this run, which ends with it. */
public final class ZooKeeperStores {
    private static final AtomicInteger URLS = new AtomicInteger();

    private ZooKeeperStores() {}

    private static final class Server {
        static final ZooKeeperFixture FIXTURE =
                new ZooKeeperFixture("zookeeper-3.9", ZooKeeperServers.of(ZooKeeperServer.alone(false)));
    }

    /** An empty store. */
    public static TestStore open() {
        return Server.FIXTURE.newStore();
    }

    /** The URL of an empty store, for programs that open it themselves, in this process or another. */
    public static String newUrl() {
        return "zookeeper://" + Server.FIXTURE.address() + "/apps/a" + URLS.incrementAndGet();
    }
}
