package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.DataTck;

/** The kit's half about data, against three ZooKeeper 3.9 that have to agree. */
class ZooKeeperEnsembleDataTckTest implements DataTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-ensemble", ZooKeeperServers.ensemble());
    }
}
