package dev.rollcall.registry;

import dev.rollcall.etcd.EtcdStores;

class EtcdSharedViewTest extends SharedViewSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }
}
