package dev.rollcall.registry;

import dev.rollcall.etcd.EtcdStores;

class EtcdLivenessTest extends LivenessSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }
}
