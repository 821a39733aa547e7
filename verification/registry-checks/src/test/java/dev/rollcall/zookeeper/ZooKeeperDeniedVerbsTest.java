package dev.rollcall.zookeeper;

import dev.rollcall.cli.DeniedVerbsSuite;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ZooKeeperDeniedVerbsTest extends DeniedVerbsSuite {
    private final ZooKeeperServer server = ZooKeeperServer.alone(false);

    @BeforeAll
    @Override
    protected void fill() throws InterruptedException {
        super.fill();
        try (KvBackend hidden = KvBackends.open(ann("/other", "creator"))) {
            // Of what is not there, ZooKeeper says so to everybody.
            for (String path : new String[] {"/d/k", "/tidb-binlog/v1/pumps/p"}) {
                Await.result(hidden.put(Key.of(path), Await.text("v")));
            }
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String ann(String root, String acl) {
        return "zookeeper://ann:secret@" + server.address() + root + "?timeout=30s&sessionTimeout=30s&acl=" + acl;
    }

    @Override
    protected String owners() {
        return ann("/secure", "creator-world-read");
    }

    @Override
    protected String readers() {
        return "zookeeper://" + server.address() + "/secure?timeout=30s&sessionTimeout=30s";
    }

    @Override
    protected String strangers() {
        return "zookeeper://" + server.address() + "/other?timeout=30s&sessionTimeout=30s";
    }

    @Override
    protected String reason() {
        return "ZooKeeper's access list for ";
    }
}
