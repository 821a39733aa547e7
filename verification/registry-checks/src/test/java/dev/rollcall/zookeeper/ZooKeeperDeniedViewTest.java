package dev.rollcall.zookeeper;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.outage.DeniedViewSuite;
import dev.rollcall.tck.server.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** Another user's node, which this one may not read, comes among those of the kind and goes. Watches see nothing of it until they are set anew. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ZooKeeperDeniedViewTest extends DeniedViewSuite {
    private static final Key SECRET = NODES.key("secret");

    private final ZooKeeperServer server = ZooKeeperServer.alone(false);
    private final TcpProxy proxy = TcpProxy.to(server.port());

    @AfterAll
    void stop() {
        proxy.close();
        server.close();
    }

    private KvBackend other() {
        return KvBackends.open("zookeeper://ann:secret@" + server.address() + "/denied?timeout=60s&acl=creator");
    }

    @Override
    protected KvBackend open() {
        return KvBackends.open("zookeeper://" + proxy.address() + "/denied?timeout=60s");
    }

    @Override
    protected void deny() {
        try (KvBackend other = other()) {
            Await.result(other.put(SECRET, Await.text("mine")));
        }
        proxy.cut();
    }

    @Override
    protected void allow() {
        try (KvBackend other = other()) {
            Await.result(other.delete(SECRET));
        }
    }
}
