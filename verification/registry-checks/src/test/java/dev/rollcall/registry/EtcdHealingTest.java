package dev.rollcall.registry;

import dev.rollcall.etcd.EtcdStores;

class EtcdHealingTest extends HealingSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }
}
