package dev.rollcall.examples.scheduler;

import dev.rollcall.etcd.EtcdStores;

class EtcdSchedulerTest extends SchedulerSuite {
    @Override
    String newUrl() {
        return EtcdStores.newUrl();
    }

    @Override
    RunningNode start(String url, String id, String zone) {
        return Processes.start(url, id, zone);
    }
}
