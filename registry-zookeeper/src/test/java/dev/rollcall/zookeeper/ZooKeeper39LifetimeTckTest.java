package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.LifetimeTck;

/** The kit's half about leases and handles, against a ZooKeeper 3.9 that serves alone. */
class ZooKeeper39LifetimeTckTest implements LifetimeTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-3.9", ZooKeeperServers.of(ZooKeeperServer.alone(false)));
    }
}
