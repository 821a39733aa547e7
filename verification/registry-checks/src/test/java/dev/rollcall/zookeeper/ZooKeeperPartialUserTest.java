package dev.rollcall.zookeeper;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.outage.PartialUserSuite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** A user beside another one, whose nodes are for that one only. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ZooKeeperPartialUserTest extends PartialUserSuite {
    private final ZooKeeperServer server = ZooKeeperServer.alone(false);

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected KvBackend open() {
        return KvBackends.open("zookeeper://" + server.address() + "/shared?timeout=60s");
    }

    @Override
    protected void writeTheirs() {
        // The root is everybody's.
        try (KvBackend mine = open();
                KvBackend other = KvBackends.open(
                        "zookeeper://ann:secret@" + server.address() + "/shared?timeout=60s&acl=creator")) {
            Await.result(mine.put(MINE.key("config"), Await.text("first")));
            Await.result(other.put(THEIRS, Await.text("secret")));
        }
    }
}
