package dev.rollcall.zookeeper;

import dev.rollcall.tck.TestStore;

/** Stores on the one real ZooKeeper of this run, which ends with it. */
public final class ZooKeeperStores {
    private ZooKeeperStores() {}

    private static final class Server {
        static final ZooKeeperFixture FIXTURE =
                new ZooKeeperFixture("zookeeper-3.9", ZooKeeperServers.of(ZooKeeperServer.alone(false)));
    }

    /** An empty store. */
    public static TestStore open() {
        return Server.FIXTURE.newStore();
    }
}
