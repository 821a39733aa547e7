package dev.rollcall.registry;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperSharedViewTest extends SharedViewSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
