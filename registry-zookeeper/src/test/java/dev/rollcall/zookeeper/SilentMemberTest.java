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
import dev.rollcall.tck.server.FairClock;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One member of an ensemble falls silent: it takes connections, and answers nothing. The majority is well. */
class SilentMemberTest {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(5);

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
        silent = servers.follower();
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

    /** There is time for it with each ttl, see {@link SilenceGuardTest}; with this one also if the holder has to wait for its processor. */
    @Test
    void leaseOnAMemberThatFallsSilentIsKeptOnAnother() throws InterruptedException {
        int seconds = 20;
        Key key = Key.of("/leased");
        try (KvBackend handle = KvBackends.open(url("/silent", "?timeout=60s"))) {
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
        try (KvBackend handle = KvBackends.open(url("/revoked", "?timeout=60s"))) {
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            result(handle.put(key, text("here"), lease));
            silence();
            result(lease.revoke());
            assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(result(handle.get(key)).isPresent()).isFalse();
        }
    }

    private static boolean endsWithin(Lease lease, long seconds) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        lease.ended().thenRun(ended::countDown);
        return ended.await(seconds, TimeUnit.SECONDS);
    }

    /** The first list of a handle begins with the watch that all lists and watches share. */
    @Test
    void firstListGoesOnAnotherMember() {
        Key key = Key.of("/d/k");
        try (KvBackend handle = KvBackends.open(url("/first-list", "?timeout=60s"))) {
            result(handle.put(key, text("before")));
            silence();
            assertThat(soon(handle.list(Directory.of("/d"))).entries()).hasSize(1);
        }
    }

    /** The result, which comes within the deadline that operations have by default. */
    private static <T> T soon(CompletableFuture<T> operation) {
        assertThat(FairClock.endsInTime(operation, DEFAULT_DEADLINE))
                .as("whether an operation has ended within %s", DEFAULT_DEADLINE)
                .isTrue();
        return result(operation);
    }

    @Test
    void operationsGoOnOnAnotherMember() {
        Key key = Key.of("/k");
        try (KvBackend handle = KvBackends.open(url("/goes-on", "?timeout=60s"))) {
            result(handle.put(key, text("before")));
            silence();
            assertThat(soon(handle.get(key)).isPresent()).isTrue();
            soon(handle.put(key, text("after")));
            assertThat(soon(handle.get(key)).value()).contains(text("after"));
        }
    }
}
