package dev.rollcall.coordination;

import dev.rollcall.etcd.EtcdStores;

class EtcdPausedOwnerTest extends PausedOwnerSuite {
    @Override
    String newUrl() {
        return EtcdStores.newUrl() + "?timeout=30s";
    }
}
