package dev.rollcall.coordination;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperPausedOwnerTest extends PausedOwnerSuite {
    @Override
    String newUrl() {
        return ZooKeeperStores.newUrl() + "?timeout=30s&sessionTimeout=30s";
    }
}
