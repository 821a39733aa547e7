package dev.rollcall.zookeeper;

import dev.rollcall.load.ManyNodesSuite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ZooKeeperManyNodesTest extends ManyNodesSuite {
    private final ZooKeeperServer server = ZooKeeperServer.alone(false);

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected String newUrl() {
        return "zookeeper://" + server.address() + "/many?timeout=3m&sessionTimeout=40s";
    }
}
