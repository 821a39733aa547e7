package dev.rollcall.coordination;

import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;
import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperElectionTest extends ElectionSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
