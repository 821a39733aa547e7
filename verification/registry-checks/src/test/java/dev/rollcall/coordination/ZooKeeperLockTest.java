package dev.rollcall.coordination;

import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;
import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperLockTest extends LockSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
