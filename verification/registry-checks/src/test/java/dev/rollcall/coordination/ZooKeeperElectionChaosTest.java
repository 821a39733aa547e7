package dev.rollcall.coordination;

import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;
import dev.rollcall.zookeeper.ZooKeeperStores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperElectionChaosTest extends ElectionChaos {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noTwoLeadersPassAtOnce(long seed) throws InterruptedException {
        run(seed, 60);
    }
}
