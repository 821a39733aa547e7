package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.server.FreePorts;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ZooKeeper's client, and the Netty that it brings, on the same class path. */
class NeighbourTest {
    @TempDir
    static Path directory;

    @Test
    void leasesAreKeptAliveBesideAZooKeeperClient() throws Exception {
        File data = directory.toFile();
        ServerCnxnFactory factory = new NIOServerCnxnFactory();
        factory.configure(new InetSocketAddress("127.0.0.1", FreePorts.find(1).get(0)), 10);
        factory.startup(new ZooKeeperServer(data, data, 500));
        try (EtcdServer server = EtcdServer.start(EtcdBinary.V3_5);
                CuratorFramework neighbour = CuratorFrameworkFactory.newClient(
                        "127.0.0.1:" + factory.getLocalPort(), new RetryOneTime(100));
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/neighbour")) {
            neighbour.start();
            neighbour.create().forPath("/beside", new byte[] {1});
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(2)));
            Await.result(backend.put(Key.of("/k"), Bytes.EMPTY, lease));
            Awaitility.await()
                    .during(lease.ttl().multipliedBy(2))
                    .atMost(lease.ttl().multipliedBy(4))
                    .until(() -> lease.isHeld()
                            && Await.result(backend.get(Key.of("/k"))).isPresent());
            assertThat(neighbour.getData().forPath("/beside")).containsExactly(1);
        } finally {
            factory.shutdown();
        }
    }
}
