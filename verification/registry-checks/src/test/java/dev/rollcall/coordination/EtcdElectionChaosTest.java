package dev.rollcall.coordination;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdElectionChaosTest extends ElectionChaos {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(EtcdStores.open());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noTwoLeadersPassAtOnce(long seed) throws InterruptedException {
        run(seed, 60);
    }
}
