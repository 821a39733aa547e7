package dev.rollcall.zookeeper;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.LifetimeTck;

/** The kit's half about leases and handles, against three ZooKeeper 3.9 that have to agree. */
class ZooKeeperEnsembleLifetimeTckTest implements LifetimeTck {
    @Override
    public BackendFixture fixture() {
        return new ZooKeeperFixture("zookeeper-ensemble", ZooKeeperServers.ensemble());
    }
}
