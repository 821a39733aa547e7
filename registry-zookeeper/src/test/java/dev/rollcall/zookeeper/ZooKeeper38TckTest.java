package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against a ZooKeeper 3.8 that serves alone. */
class ZooKeeper38TckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-3.8", ZooKeeperServers.of(ZooKeeperServer.alone(true)));
    }
}
