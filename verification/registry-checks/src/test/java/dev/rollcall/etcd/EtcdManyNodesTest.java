package dev.rollcall.etcd;

import dev.rollcall.load.ManyNodesSuite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdManyNodesTest extends ManyNodesSuite {
    private final EtcdServer server = EtcdServer.start(EtcdBinary.underTest());

    @AfterAll
    void stop() {
        server.close();
    }

    @Override
    protected String newUrl() {
        return "etcd://" + server.address() + "/many?timeout=3m";
    }
}
