package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.load.LoadSuite;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import org.junit.jupiter.api.AfterAll;

class ZooKeeperLoadTest extends LoadSuite {
    private final ZooKeeperServer server = ZooKeeperServer.alone(false);
    private final TcpProxy proxy = TcpProxy.to(server.port());

    @AfterAll
    void stop() {
        proxy.close();
        server.close();
    }

    @Override
    protected KvBackend open(String name) {
        return KvBackends.open("zookeeper://" + proxy.address() + "/" + name + "?timeout=3m&sessionTimeout=40s");
    }

    @Override
    protected void hold(KvBackend handle) {
        proxy.stall(Direction.values());
    }

    @Override
    protected void flow(KvBackend handle) {
        proxy.flow();
    }
}
