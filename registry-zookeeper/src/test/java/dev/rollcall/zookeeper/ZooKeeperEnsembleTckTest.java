package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against three ZooKeeper 3.9 that have to agree. */
class ZooKeeperEnsembleTckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-ensemble", ZooKeeperServers.ensemble());
    }
}
