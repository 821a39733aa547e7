package dev.rollcall.coordination;

import dev.rollcall.registry.KitRegistryStore;
import dev.rollcall.registry.RegistryStore;
import dev.rollcall.zookeeper.ZooKeeperStores;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperLockChaosTest extends LockChaos {
    @Override
    RegistryStore openStore() {
        return new KitRegistryStore(ZooKeeperStores.open());
    }

    @Override
    void pass(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noTwoTurnsPassAtOnce(long seed) throws InterruptedException {
        run(seed, 60);
    }
}
