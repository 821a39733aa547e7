package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.LeaseGrantResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a lease's end is worth: it is the backend's until the store has confirmed it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaseEndTest {
    private static final Key KEY = Key.of("/held/k");
    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private KvBackend open(String address) {
        return KvBackends.open("etcd://" + address + "/leases?timeout=5s");
    }

    private boolean isThere() {
        return !server.admin().entries("/leases/held/").isEmpty();
    }

    @Test
    void leaseClosedRightBeforeItsBackendIsGoneAtOnce() {
        for (int round = 0; round < 20; round++) {
            Lease lease;
            try (KvBackend backend = open(server.address())) {
                lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
                Await.result(backend.put(KEY, Bytes.EMPTY, lease));
                lease.close();
            }
            assertThat(isThere()).isFalse();
            assertThat(server.admin().leaseIds()).doesNotContain(Long.parseUnsignedLong(lease.id(), 16));
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        }
    }

    @Test
    void leasesOfAHandleThatAnInterruptedThreadClosesAreGoneAtOnce() {
        Lease lease;
        try (KvBackend backend = open(server.address())) {
            lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(isThere()).isFalse();
        assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
    }

    @Test
    void endThatNobodyHasConfirmedIsNotCalledARevocation() {
        try (TcpProxy proxy = TcpProxy.to(server.port())) {
            Lease lease;
            try (KvBackend backend = open(proxy.address())) {
                lease = Await.result(backend.grantLease(Duration.ofSeconds(2)));
                proxy.refuse();
                proxy.cut();
            }
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            assertThat(lease.isHeld()).isFalse();
        }
    }

    @Test
    void leaseWhoseGrantNobodyHasAwaitedGoesWithItsHandle() throws InterruptedException {
        CountDownLatch granted = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (GrpcRelay relay = GrpcRelay.to(server.port())) {
            relay.replies((method, message) -> {
                if (method.endsWith("/LeaseGrant")) {
                    granted.countDown();
                    awaitUninterrupted(released);
                }
                return message;
            });
            Set<Long> before = Set.copyOf(server.admin().leaseIds());
            CompletableFuture<Lease> lease;
            try (KvBackend backend = open(relay.address())) {
                lease = backend.grantLease(Duration.ofSeconds(600));
                // Code of the application that takes its time; it comes before what the backend would do then.
                lease.whenComplete((got, failure) -> awaitUninterrupted(released));
                granted.await();
            }
            Await.until(() -> before.containsAll(server.admin().leaseIds()));
            released.countDown();
            assertThatThrownBy(() -> Await.result(lease)).isInstanceOf(BackendClosedException.class);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void revocationDuringAnOutageIsConfirmedOnceItIsOver() {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = open(proxy.address())) {
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            proxy.refuse();
            proxy.cut();
            CompletableFuture<Void> revoked = lease.revoke();
            CompletableFuture<Thread> told =
                    lease.ended().thenApply(end -> Thread.currentThread()).toCompletableFuture();
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
            assertThat(lease.isHeld()).isFalse();
            assertThat(lease.ended().toCompletableFuture()).isNotDone();
            proxy.accept();
            Await.result(revoked);
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
            assertThat(Await.result(told).getName()).contains("callback");
            assertThat(isThere()).isFalse();
        }
    }

    @Test
    void leaseThatWasRenewedTooLateForItsHolderIsNotLeftInTheStore() {
        CountDownLatch late = new CountDownLatch(1);
        try (GrpcRelay relay = GrpcRelay.to(server.port())) {
            relay.replies((method, message) -> {
                if (method.endsWith("/LeaseGrant")) {
                    return shortened(message);
                }
                if (method.endsWith("/LeaseKeepAlive")) {
                    awaitUninterrupted(late);
                }
                return message;
            });
            try (KvBackend backend = open(relay.address())) {
                // The holder trusts it for two seconds, the store keeps it for ten minutes.
                Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(600)));
                Await.result(backend.put(KEY, Bytes.EMPTY, lease));
                assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
                Await.until(() -> !isThere());
                assertThat(server.admin().leaseIds()).doesNotContain(Long.parseUnsignedLong(lease.id(), 16));
            } finally {
                late.countDown();
            }
        }
    }

    private static byte[] shortened(byte[] granted) {
        try {
            return LeaseGrantResponse.parseFrom(granted).toBuilder()
                    .setTTL(2)
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The answer to a grant is not understood.", e);
        }
    }

    @Test
    void termOfALeaseCountsFromWhenItsRequestLeaves() {
        try (TcpProxy proxy = TcpProxy.to(server.port())) {
            proxy.refuse();
            try (KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/late?timeout=20s")) {
                CompletableFuture<Lease> granted = backend.grantLease(Duration.ofSeconds(6));
                // Longer than the ttl, by the clock of what fails meanwhile.
                long begun = System.nanoTime();
                Await.until(() ->
                        System.nanoTime() - begun > Duration.ofMillis(6_500).toNanos());
                proxy.accept();
                Lease lease = Await.result(granted);
                Await.result(backend.put(KEY, Bytes.EMPTY, lease));
                assertThat(lease.isHeld()).isTrue();
                Await.result(lease.revoke());
            }
        }
    }

    @Test
    void leaseThatTheStoreDoesNotKnowIsLostAtThatMoment() {
        try (KvBackend backend = open(server.address())) {
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(600)));
            server.admin().revoke(lease.id());
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.EMPTY, lease)))
                    .isInstanceOf(LeaseLostException.class);
            assertThat(lease.isHeld()).isFalse();
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        }
    }
}
