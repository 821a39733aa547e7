package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Names that do not begin with a slash, as other programs write them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrefixTest {
    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Test
    void thePrefixIsUsedByteForByte() {
        server.admin().put("app v1//böse/d/theirs", "1");
        server.admin().put("/app v1//böse/d/another", "2");
        String url = "etcd://" + server.address() + "?timeout=20s&prefix=app%20v1//b%C3%B6se";
        try (KvBackend backend = KvBackends.open(url)) {
            Directory dir = Directory.of("/d");
            Observer observer = new Observer();
            backend.watch(dir, WatchStart.snapshot(), observer);
            long revision = Await.result(backend.put(dir.key("ours"), Bytes.ofUtf8("3")))
                    .revision();
            assertThat(Await.result(backend.list(dir)).entries())
                    .extracting(KeyValue::key)
                    .containsExactly(Key.of("/d/ours"), Key.of("/d/theirs"));
            Await.until(() -> observer.revision() >= revision);
            assertThat(observer.state()).containsOnlyKeys(Key.of("/d/ours"), Key.of("/d/theirs"));
            assertThat(server.admin().entries("app v1//böse/d/"))
                    .extracting(entry -> entry.getKey().toStringUtf8())
                    .containsExactly("app v1//böse/d/ours", "app v1//böse/d/theirs");
        }
    }

    @Test
    void aRegistryReadsTheNodesOfAGoProgramWhoseRootHasNoSlash() throws InterruptedException {
        server.admin()
                .put(
                        "tidb-binlog/v1/pumps/a",
                        "{\"nodeId\":\"a\",\"host\":\"h:1\",\"state\":\"online\",\"isAlive\":false,\"score\":0,\"label\":null,"
                                + "\"maxCommitTS\":0,\"updateTS\":0}");
        String url = "etcd://" + server.address() + "?timeout=20s&prefix=tidb-binlog";
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.builder(backend, NodeCodec.tidbBinlog())
                        .root(Directory.of("/v1"))
                        .build()) {
            assertThat(Await.result(backend.get(Key.of("/v1/pumps/a"))).entry()).isPresent();
            assertThat(registry.nodes("pumps").sorted().toString()).contains("h:1");
            assertThat(registry.nodeIdOf("/v1/pumps/a")).isEqualTo("a");
        }
    }
}
