package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Members that keep new sessions to themselves. Two share a session with the others when it creates ephemeral nodes; the third refuses to. */
class LocalSessionsTest {
    private static ZooKeeperServers servers;

    @BeforeAll
    static void start() {
        servers = ZooKeeperServers.plainEnsemble(
                id -> List.of("localSessionsEnabled=true", "localSessionsUpgradingEnabled=" + (id < 3)));
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static TcpProxy proxyOf(int member) {
        return TcpProxy.to(servers.members().get(member).port());
    }

    @Test
    void leaseWithAnEntryAndWritesGoOnOnAnotherMember() {
        try (TcpProxy first = proxyOf(0);
                TcpProxy second = proxyOf(1)) {
            second.refuse();
            try (KvBackend handle = KvBackends.open(
                    "zookeeper://" + first.address() + "," + second.address() + "/shared?timeout=60s")) {
                Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
                result(handle.put(Key.of("/d/leased"), text("1"), lease));
                result(handle.put(Key.of("/d/k"), text("1")));
                second.accept();
                first.refuse();
                first.cut();
                result(handle.put(Key.of("/d/k"), text("2")));
                result(handle.put(Key.of("/d/another"), text("1"), lease));
                assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(3);
                assertThat(lease.isHeld()).isTrue();
                result(lease.revoke());
                assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(1);
            }
        }
    }

    /** A follower does not say so itself: its leader takes the session for one that has expired. */
    @Test
    void memberThatSharesNoSessionIsToldFromOneThatHasLetItExpire() {
        try (KvBackend handle =
                KvBackends.open("zookeeper://" + servers.members().get(2).address() + "/kept?timeout=60s")) {
            assertThat(result(handle.get(Key.of("/d/k"))).isPresent()).isFalse();
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            for (KvException failure : List.of(
                    failure(handle.put(Key.of("/d/k"), text("1"))),
                    failure(handle.put(Key.of("/d/leased"), text("1"), lease)))) {
                assertThat(failure).hasMessageContaining("localSessionsUpgradingEnabled=true");
                assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                assertThat(failure.isRetryable()).isFalse();
            }
        }
    }
}
