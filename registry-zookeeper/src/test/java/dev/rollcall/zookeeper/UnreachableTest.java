package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.tck.server.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A store that cannot be reached says why: in the failure of each operation and in the connection's status. */
class UnreachableTest {
    private static final Key KEY = Key.of("/k");

    /** All at once, with time for a resolver that has nobody to ask. */
    private static void assertReason(String hosts, String... parts) {
        try (KvBackend handle = KvBackends.open("zookeeper://" + hosts + "/r?timeout=15s")) {
            Await.reason(handle);
            CompletableFuture<?> put = handle.put(KEY, text("v"));
            CompletableFuture<?> get = handle.get(KEY);
            CompletableFuture<?> grant = handle.grantLease(Duration.ofSeconds(30));
            KvException failure = failure(put);
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(failure).hasMessageContainingAll(parts);
            assertThat(failure(get)).hasMessageContainingAll(parts);
            assertThat(failure(grant)).hasMessageContainingAll(parts);
            // Operations are told of the reason first.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(handle.connection().lastFailure())
                            .isNotNull()
                            .hasMessageContainingAll(parts));
        }
    }

    @Test
    void nobodyListens() {
        String address = "127.0.0.1:" + FreePorts.find(1).get(0);
        assertReason(address, address, "Connection refused", "attempts to connect");
    }

    @Test
    void nameIsNotKnown() {
        assertReason("no-such-host.invalid:2181", "no-such-host.invalid:2181", "its name is not known");
    }

    @Test
    void serverClosesEachConnection() throws IOException {
        try (ServerSocket closing = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread closer = new Thread(() -> {
                while (!closing.isClosed()) {
                    try {
                        closing.accept().close();
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            closer.setDaemon(true);
            closer.start();
            assertReason("127.0.0.1:" + closing.getLocalPort(), "127.0.0.1:" + closing.getLocalPort(), "connection");
        }
    }

    /** The reason goes when the connection comes. */
    @Test
    void serverThatComesLateIsFound() {
        try (ZooKeeperServer server = ZooKeeperServer.plain()) {
            server.process().kill();
            try (KvBackend handle = KvBackends.open("zookeeper://" + server.address() + "/late?timeout=50s")) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> handle.connection().lastFailure() != null);
                server.process().start();
                result(handle.put(KEY, text("v")));
            }
        }
    }

    /** In an application whose other clients of ZooKeeper are set up by system properties. */
    @Test
    void urlDecidesWhetherTlsIsUsedAndNotTheHostsProperties() {
        try (ZooKeeperServer server = ZooKeeperServer.plain()) {
            System.setProperty("zookeeper.client.secure", "true");
            System.setProperty("zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty");
            try (KvBackend handle = KvBackends.open("zookeeper://" + server.address() + "/plain?timeout=30s")) {
                result(handle.put(KEY, text("v")));
            } finally {
                System.clearProperty("zookeeper.client.secure");
                System.clearProperty("zookeeper.clientCnxnSocket");
            }
        }
    }
}
