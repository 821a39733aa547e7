package dev.rollcall.registry;

import dev.rollcall.etcd.EtcdStores;

class EtcdRequestTest extends RequestSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }
}
