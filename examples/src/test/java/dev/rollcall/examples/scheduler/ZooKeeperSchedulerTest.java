package dev.rollcall.examples.scheduler;

import dev.rollcall.zookeeper.ZooKeeperStores;

class ZooKeeperSchedulerTest extends SchedulerSuite {
    @Override
    String newUrl() {
        return ZooKeeperStores.newUrl();
    }

    @Override
    RunningNode start(String url, String id, String zone) {
        return Processes.start(url, id, zone);
    }
}
