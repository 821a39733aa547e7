package dev.rollcall.coordination;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;

class EtcdLockTest extends LockSuite {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }
}
