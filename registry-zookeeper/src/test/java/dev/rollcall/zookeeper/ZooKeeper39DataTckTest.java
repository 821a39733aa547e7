package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.DataTck;

/** The kit's half about data, against a ZooKeeper 3.9 that serves alone. */
class ZooKeeper39DataTckTest implements DataTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-3.9", ZooKeeperServers.of(ZooKeeperServer.alone(false)));
    }
}
