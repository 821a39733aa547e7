package dev.rollcall.registry;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperHealingTest extends HealingSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
