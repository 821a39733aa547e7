package dev.rollcall.registry;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperLivenessTest extends LivenessSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
