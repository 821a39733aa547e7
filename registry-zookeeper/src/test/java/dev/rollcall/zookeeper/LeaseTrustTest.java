package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
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
    /** The longest that a server with default settings grants, so that a holder which has to wait for its processor keeps it. */
    private static final Duration TTL = Duration.ofSeconds(25);

    /** Of handles that are closed, one of which at least has to get its answers in the time that closing takes. */
    private static final int MOST_ROUNDS = 20;

    private static final Key KEY = Key.of("/d/leased");

    private static ZooKeeperServers servers;

    @BeforeAll
    static void start() {
        // In the middle of a change of the configuration: one member has it already.
        servers = ZooKeeperServers.plainEnsemble(id -> id == 1 ? List.of("maxSessionTimeout=24000") : List.of());
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static String plain(String root) {
        return "zookeeper://" + servers.members().get(2).address() + root + "?timeout=60s";
    }

    @Test
    void trustFollowsWhatEachConnectionWasGranted() {
        try (TcpProxy generous = TcpProxy.to(servers.members().get(1).port());
                TcpProxy strict = TcpProxy.to(servers.members().get(0).port());
                KvBackend other = KvBackends.open(plain("/granted"))) {
            strict.refuse();
            String url = "zookeeper://" + generous.address() + "," + strict.address() + "/granted?timeout=60s";
            try (KvBackend handle = KvBackends.open(url)) {
                Lease lease = result(handle.grantLease(TTL));
                assertThat(lease.ttl()).isEqualTo(TTL);
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
                Awaitility.await().atMost(LONG).until(() -> lease.ttl().equals(Duration.ofSeconds(15)));
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
    void leaseThatIsRevokedDuringAHiccupEndsAtOnceHereAndAsSoonAsThereIsAConnectionThere() {
        try (TcpProxy proxy = TcpProxy.to(servers.members().get(1).port());
                KvBackend other = KvBackends.open(plain("/hiccup"));
                KvBackend handle = KvBackends.open("zookeeper://" + proxy.address() + "/hiccup?timeout=60s")) {
            Lease lease = result(handle.grantLease(TTL));
            result(handle.put(KEY, text("here"), lease));
            proxy.refuse();
            proxy.cut();
            Awaitility.await().atMost(LONG).until(() -> handle.connection().state() == ConnectionState.DISCONNECTED);

            CompletableFuture<Void> revoked = lease.revoke();
            assertThat(lease.isHeld()).isFalse();
            assertThat(result(other.get(KEY)).isPresent()).isTrue();
            proxy.accept();

            result(revoked);
            assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(result(other.get(KEY)).isPresent())
                    .as("whether the entry has outlived the confirmed end of its lease")
                    .isFalse();
        }
    }

    /** In the order of try-with-resources: the lease first, then the handle, and no more of the process. */
    @Test
    void leaseThatIsClosedJustBeforeItsHandleIsGoneWhenThatHasClosed() {
        try (KvBackend other = KvBackends.open(plain("/order"))) {
            boolean confirmed = false;
            for (int round = 0; !confirmed && round < MOST_ROUNDS; round++) {
                confirmed = closeLeasesAndHandle();
                List<KeyValue> left = result(other.list(Directory.of("/d"))).entries();
                assertThat(confirmed ? left : List.of()).isEmpty();
            }
            assertThat(confirmed)
                    .as("whether a handle has closed before its patience was over")
                    .isTrue();
        }
    }

    /** Returns whether the handle has waited for all answers, which it does unless closing would take too long. */
    private static boolean closeLeasesAndHandle() {
        KvBackend handle = KvBackends.open(plain("/order"));
        for (int i = 0; i < 20; i++) {
            Lease lease = result(handle.grantLease(TTL));
            result(handle.put(Key.of("/d/" + i), text("here"), lease));
            lease.close();
        }
        long begun = System.nanoTime();
        handle.close();
        return System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(ZooKeeperBackend.PATIENCE_AT_CLOSE_MILLIS);
    }
}
