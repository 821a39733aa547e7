package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ZooKeeper's client, and the Netty that it brings, on the same class path. */
class NeighbourTest {
    @TempDir
    static Path directory;

    @Test
    void leasesAreKeptAliveBesideAZooKeeperClient() throws Exception {
        int port = FreePorts.find();
        try (ServerProcess zooKeeper = zooKeeper(port).start();
                EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                CuratorFramework neighbour =
                        CuratorFrameworkFactory.newClient("127.0.0.1:" + port, new RetryOneTime(100));
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/neighbour?timeout=30s")) {
            neighbour.start();
            assertThat(neighbour.blockUntilConnected(2, TimeUnit.MINUTES)).isTrue();
            neighbour.create().forPath("/beside", new byte[] {1});
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(15)));
            Await.result(backend.put(Key.of("/k"), Bytes.EMPTY, lease));
            Awaitility.await()
                    .during(lease.ttl().plusSeconds(2))
                    .atMost(lease.ttl().multipliedBy(20))
                    .until(() -> lease.isHeld()
                            && Await.result(backend.get(Key.of("/k"))).isPresent());
            assertThat(neighbour.getData().forPath("/beside")).containsExactly(1);
            assertThat(zooKeeper.isAlive()).isTrue();
        }
    }

    private static ServerProcess zooKeeper(int port) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dzookeeper.admin.enableServer=false",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.apache.zookeeper.server.ZooKeeperServerMain",
                Integer.toString(port),
                directory.resolve("zookeeper").toString());
        return new ServerProcess(
                "zookeeper", command, Map.of(), directory.resolve("zookeeper.log"), () -> EtcdServer.listens(port));
    }
}
