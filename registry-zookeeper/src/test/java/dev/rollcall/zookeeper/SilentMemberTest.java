package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One member of an ensemble falls silent: it takes connections, and answers nothing. The majority is well. */
class SilentMemberTest {
    private static ZooKeeperServers servers;

    private List<TcpProxy> proxies;
    private ZooKeeperServer silent;

    @BeforeAll
    static void start() {
        servers = ZooKeeperServers.plainEnsemble();
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @BeforeEach
    void admitToOneFollowerOnly() {
        servers.leader();
        silent = servers.members().stream()
                .filter(member -> !member.isLeader())
                .findFirst()
                .orElseThrow();
        proxies = servers.members().stream()
                .map(member -> TcpProxy.to(member.port()))
                .toList();
        for (int i = 0; i < proxies.size(); i++) {
            if (servers.members().get(i) != silent) {
                proxies.get(i).refuse();
            }
        }
    }

    @AfterEach
    void resume() {
        silent.process().resume();
        proxies.forEach(TcpProxy::close);
    }

    private String url(String root, String options) {
        return "zookeeper://" + proxies.stream().map(TcpProxy::address).collect(Collectors.joining(",")) + root
                + options;
    }

    private void silence() {
        proxies.forEach(TcpProxy::accept);
        silent.process().pause();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 10})
    void leaseOnAMemberThatFallsSilentIsKeptOnAnother(int seconds) throws InterruptedException {
        Key key = Key.of("/leased");
        try (KvBackend handle = KvBackends.open(url("/silent" + seconds, "?timeout=20s"))) {
            Lease lease = result(handle.grantLease(Duration.ofSeconds(seconds)));
            result(handle.put(key, text("here"), lease));
            silence();
            // As long as the lease and a session of its timeout could have lasted without an answer.
            boolean ended = endsWithin(lease, 2L * seconds);
            assertThat(ended).as("whether the lease has ended").isFalse();
            assertThat(lease.isHeld()).isTrue();
            assertThat(result(handle.get(key)).isPresent()).isTrue();
        }
    }

    /** Whoever waits for the end of a lease does not wait for its ttl. */
    @Test
    void revocationThatMeetsTheSilenceIsConfirmedByAnotherMember() {
        Key key = Key.of("/leased");
        try (KvBackend handle = KvBackends.open(url("/revoked", "?timeout=20s"))) {
            Lease lease = result(handle.grantLease(Duration.ofSeconds(10)));
            result(handle.put(key, text("here"), lease));
            silence();
            result(lease.revoke());
            assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(result(handle.get(key)).isPresent()).isFalse();
        }
    }

    private static boolean endsWithin(Lease lease, long seconds) throws InterruptedException {
        java.util.concurrent.CountDownLatch ended = new java.util.concurrent.CountDownLatch(1);
        lease.ended().thenRun(ended::countDown);
        return ended.await(seconds, TimeUnit.SECONDS);
    }

    /** The first list of a handle begins with the watch that all lists and watches share. */
    @Test
    void firstListGoesOnAnotherMember() {
        Key key = Key.of("/d/k");
        try (KvBackend handle = KvBackends.open(url("/first-list", "?timeout=5s"))) {
            result(handle.put(key, text("before")));
            silence();
            assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(1);
        }
    }

    /** With the default deadline: before, each operation that met the silence had passed it. */
    @Test
    void operationsGoOnOnAnotherMember() {
        Key key = Key.of("/k");
        try (KvBackend handle = KvBackends.open(url("/goes-on", "?timeout=5s"))) {
            result(handle.put(key, text("before")));
            silence();
            assertThat(result(handle.get(key)).isPresent()).isTrue();
            result(handle.put(key, text("after")));
            assertThat(result(handle.get(key)).value()).contains(text("after"));
        }
    }
}
