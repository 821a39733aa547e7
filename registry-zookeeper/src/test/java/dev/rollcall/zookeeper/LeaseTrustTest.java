package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How long a lease is trusted, and how it ends, while connections come and go. */
class LeaseTrustTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Key KEY = Key.of("/d/leased");

    private static ZooKeeperServers servers;

    @BeforeAll
    static void start() {
        // In the middle of a change of the configuration: one member has it already.
        servers = ZooKeeperServers.plainEnsemble(id -> id == 1 ? List.of("maxSessionTimeout=8000") : List.of());
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static String plain(String root) {
        return "zookeeper://" + servers.members().get(2).address() + root + "?timeout=20s";
    }

    @Test
    void trustFollowsWhatEachConnectionWasGranted() {
        try (TcpProxy generous = TcpProxy.to(servers.members().get(1).port());
                TcpProxy strict = TcpProxy.to(servers.members().get(0).port());
                KvBackend other = KvBackends.open(plain("/granted"))) {
            strict.refuse();
            String url = "zookeeper://" + generous.address() + "," + strict.address() + "/granted?timeout=20s";
            try (KvBackend handle = KvBackends.open(url)) {
                Lease lease = result(handle.grantLease(Duration.ofSeconds(20)));
                assertThat(lease.ttl()).isEqualTo(Duration.ofSeconds(20));
                result(handle.put(KEY, text("here"), lease));
                CompletableFuture<Boolean> heldWhenGone = new CompletableFuture<>();
                CompletableFuture<Void> seen = new CompletableFuture<>();
                other.watch(Directory.of("/d"), WatchStart.snapshot(), new WatchListener() {
                    @Override
                    public void onSignal(WatchSignal signal) {
                        if (signal instanceof Changes) {
                            heldWhenGone.complete(lease.isHeld());
                        }
                        seen.complete(null);
                    }

                    @Override
                    public void onEnd(@Nullable KvException cause) {
                        heldWhenGone.complete(true);
                    }
                });
                result(seen);

                strict.accept();
                generous.refuse();
                generous.cut();
                Awaitility.await().atMost(LONG).until(() -> lease.ttl().equals(Duration.ofSeconds(5)));
                assertThat(lease.isHeld()).isTrue();
                strict.refuse();
                strict.cut();

                assertThat(result(heldWhenGone))
                        .as("whether the holder still trusted the lease when others saw its entry go")
                        .isFalse();
            }
        }
    }

    @Test
    void leaseThatIsRevokedDuringAHiccupEndsAtOnceHereAndAsSoonAsThereIsAConnectionThere() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(servers.members().get(1).port());
                KvBackend other = KvBackends.open(plain("/hiccup"));
                KvBackend handle = KvBackends.open("zookeeper://" + proxy.address() + "/hiccup?timeout=20s")) {
            Lease lease = result(handle.grantLease(Duration.ofSeconds(20)));
            result(handle.put(KEY, text("here"), lease));
            proxy.refuse();
            proxy.cut();
            Awaitility.await().atMost(LONG).until(() -> handle.connection().state() == ConnectionState.DISCONNECTED);

            CompletableFuture<Void> revoked = lease.revoke();
            assertThat(lease.isHeld()).isFalse();
            assertThat(result(other.get(KEY)).isPresent()).isTrue();
            proxy.accept();

            result(revoked);
            assertThat(lease.ended().toCompletableFuture().get(60, TimeUnit.SECONDS))
                    .isEqualTo(LeaseEnd.REVOKED);
            assertThat(result(other.get(KEY)).isPresent())
                    .as("whether the entry has outlived the confirmed end of its lease")
                    .isFalse();
        }
    }

    /** In the order of try-with-resources: the lease first, then the handle, and no more of the process. */
    @Test
    void leaseThatIsClosedJustBeforeItsHandleIsGoneWhenThatHasClosed() {
        try (KvBackend other = KvBackends.open(plain("/order"))) {
            KvBackend handle = KvBackends.open(plain("/order"));
            for (int i = 0; i < 20; i++) {
                Lease lease = result(handle.grantLease(Duration.ofSeconds(20)));
                result(handle.put(Key.of("/d/" + i), text("here"), lease));
                lease.close();
            }
            handle.close();
            assertThat(result(other.list(Directory.of("/d"))).entries()).isEmpty();
        }
    }
}
