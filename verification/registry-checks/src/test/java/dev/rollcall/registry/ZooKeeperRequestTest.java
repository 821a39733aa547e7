package dev.rollcall.registry;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperRequestTest extends RequestSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }
}
