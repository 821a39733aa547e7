package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against a ZooKeeper 3.9 that serves alone. */
class ZooKeeper39TckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-3.9", ZooKeeperServers.of(ZooKeeperServer.alone(false)));
    }
}
