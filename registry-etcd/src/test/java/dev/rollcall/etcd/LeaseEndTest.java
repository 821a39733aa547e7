package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.LeaseGrantResponse;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a lease's end is worth: it is the backend's until the store has confirmed it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaseEndTest {
    private static final Key KEY = Key.of("/held/k");
    /** Of handles that are closed, one of which at least has to get its answers in the time that closing takes. */
    private static final int ROUNDS = 20;

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
        return KvBackends.open("etcd://" + address + "/leases?timeout=30s");
    }

    private boolean isThere() {
        return !server.admin().entries("/leases/held/").isEmpty();
    }

    /** Closes the handle, and returns whether it has waited for all answers, which it does unless closing would take too long. */
    private static boolean closesInTime(KvBackend backend) {
        long begun = System.nanoTime();
        backend.close();
        return System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(Leases.PATIENCE_AT_CLOSE_MILLIS);
    }

    private void isGoneAtOnce(Lease lease) {
        assertThat(isThere()).isFalse();
        assertThat(server.admin().leaseIds()).doesNotContain(Long.parseUnsignedLong(lease.id(), 16));
        assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
    }

    @Test
    void leaseClosedRightBeforeItsBackendIsGoneAtOnce() {
        int inTime = 0;
        for (int round = 0; round < ROUNDS; round++) {
            KvBackend backend = open(server.address());
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            lease.close();
            if (closesInTime(backend)) {
                isGoneAtOnce(lease);
                inTime++;
            }
        }
        assertThat(inTime).as("handles that were closed in time").isPositive();
    }

    @Test
    void putsThatWaitedLongerThanTheirLeaseWasHeldAreNotSent() {
        try (KvBackend backend = open(server.address())) {
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(4)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            server.process().kill();
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
            List<CompletableFuture<Commit>> puts = IntStream.range(0, 8)
                    .mapToObj(i -> backend.put(Key.of("/held/late" + i), Bytes.EMPTY, lease))
                    .toList();
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            // A server that begins anew gives each lease another term: it would take them.
            server.restart();
            for (CompletableFuture<Commit> put : puts) {
                assertThatThrownBy(() -> Await.result(put))
                        .isInstanceOf(LeaseLostException.class)
                        .extracting(failure -> ((KvException) failure).outcome())
                        .isEqualTo(Outcome.NOT_APPLIED);
            }
            Await.until(() -> !isThere());
        }
    }

    @Test
    void leasesOfAHandleThatAnInterruptedThreadClosesAreGoneAtOnce() {
        boolean inTime = false;
        for (int round = 0; !inTime && round < ROUNDS; round++) {
            KvBackend backend = open(server.address());
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            Thread.currentThread().interrupt();
            inTime = closesInTime(backend);
            assertThat(Thread.interrupted()).isTrue();
            if (inTime) {
                isGoneAtOnce(lease);
            }
        }
        assertThat(inTime).as("whether a handle was closed in time").isTrue();
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
    void revocationThatComesWhileTheHandleEndsIsAnswered() {
        IoLoop loop = new IoLoop();
        CountDownLatch released = new CountDownLatch(1);
        EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://" + server.address() + "/leases?timeout=30s"));
        Lease lease;
        try (KvBackend backend =
                EtcdBackend.open(options, null, InetAddress::getAllByName, loop, HandleThreads.open("etcd"))) {
            lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            // Closing gives up waiting, and what it asks for is done only after that.
            loop.execute(() -> awaitUninterrupted(released));
        }
        CompletableFuture<Void> revoked = lease.revoke();
        released.countDown();
        Await.result(revoked);
        assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
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
                // The holder trusts it for four seconds, the store keeps it for ten minutes.
                Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(600)));
                // Unless the holder had to wait for its processor so long that it is lost already.
                Await.result(backend.put(KEY, Bytes.EMPTY, lease).handle((put, failure) -> true));
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
                    .setTTL(4)
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
            try (KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/late?timeout=60s")) {
                CompletableFuture<Lease> granted = backend.grantLease(Duration.ofSeconds(10));
                // Longer than the ttl, by the clock of what fails meanwhile.
                long begun = System.nanoTime();
                Await.until(() ->
                        System.nanoTime() - begun > Duration.ofMillis(10_500).toNanos());
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
