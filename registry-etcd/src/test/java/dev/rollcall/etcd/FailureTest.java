package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.FairClock;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Servers that die, that are not there yet, or that are none. */
class FailureTest {
    private static final Directory DIR = Directory.of("/f");

    @Test
    void killUnderLoadLosesNoAcknowledgedWrite() throws InterruptedException {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/kill?timeout=30s")) {
            Set<String> acknowledged = ConcurrentHashMap.newKeySet();
            Set<String> refused = ConcurrentHashMap.newKeySet();
            Set<String> inDoubt = ConcurrentHashMap.newKeySet();
            for (int round = 0; round < 3; round++) {
                Semaphore inFlight = new Semaphore(64);
                List<CompletableFuture<?>> all = new ArrayList<>();
                for (int i = 0; i < 2_000; i++) {
                    if (i == 1_000) {
                        server.process().kill();
                        server.process().launch();
                    }
                    String name = "r" + round + "-" + i;
                    inFlight.acquire();
                    all.add(backend.create(DIR.key(name), Bytes.ofUtf8(name)).handle((commit, failure) -> {
                        inFlight.release();
                        if (failure == null) {
                            acknowledged.add(name);
                        } else if (((KvException) failure).outcome() == Outcome.NOT_APPLIED) {
                            refused.add(name);
                        } else {
                            inDoubt.add(name);
                        }
                        return null;
                    }));
                }
                all.forEach(Await::result);
            }
            Snapshot end = Await.result(backend.list(DIR));
            Set<String> found = new HashSet<>();
            end.entries().forEach(entry -> found.add(entry.key().name()));
            assertThat(acknowledged).hasSizeGreaterThan(4_000);
            assertThat(found).containsAll(acknowledged);
            assertThat(refused).noneMatch(found::contains);
            found.removeAll(acknowledged);
            assertThat(inDoubt).containsAll(found);
        }
    }

    @Test
    void serverThatComesUpLaterIsFound() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest())) {
            server.process().kill();
            try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/late?timeout=8s")) {
                Await.reason(backend);
                assertThatThrownBy(() -> Await.result(backend.put(DIR.key("k"), Bytes.EMPTY)))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining("no member of the store could be reached")
                        .hasMessageContaining("Connection refused")
                        .matches(failure -> ((KvException) failure).outcome() == Outcome.NOT_APPLIED);
                assertThat(backend.connection().state()).isEqualTo(ConnectionState.CONNECTING);
                server.restart();
                Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
                Await.result(backend.put(DIR.key("k"), Bytes.EMPTY));
            }
        }
    }

    @Test
    void hostThatDoesNotExistIsNamed() {
        try (KvBackend backend = KvBackends.open("etcd://no-such-host.invalid:1/x?timeout=3s")) {
            assertThatThrownBy(() -> Await.result(backend.get(Key.of("/k"))))
                    .isInstanceOf(KvException.class)
                    .hasMessageContaining("no-such-host.invalid");
        }
    }

    @Test
    void serverThatIsNoEtcdIsToldApart() throws IOException {
        try (ServerSocket web = new ServerSocket(FreePorts.find(), 10, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answerAll(web), "not-an-etcd");
            answering.setDaemon(true);
            answering.start();
            String url = "etcd://127.0.0.1:" + web.getLocalPort() + "/x?timeout=8s";
            try (KvBackend backend = KvBackends.open(url)) {
                Await.reason(backend);
                assertThatThrownBy(() -> Await.result(backend.get(Key.of("/k"))))
                        .isInstanceOf(UnavailableException.class)
                        .hasMessageContaining("127.0.0.1:" + web.getLocalPort());
            }
        }
    }

    private static void answerAll(ServerSocket web) {
        while (!web.isClosed()) {
            try (java.net.Socket client = web.accept()) {
                client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes("US-ASCII"));
            } catch (IOException e) {
                // The client has seen enough.
                continue;
            }
        }
    }

    @Test
    void oneWayLossMakesAWriteInDoubtWithinItsDeadline() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/oneway?timeout=5s")) {
            Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
            proxy.stall(Direction.REPLIES);
            CompletableFuture<?> write = backend.put(DIR.key("k"), Bytes.ofUtf8("2"));
            assertThat(FairClock.endsInTime(write, Duration.ofSeconds(5)))
                    .as("whether the write ended by its deadline")
                    .isTrue();
            assertThatThrownBy(() -> Await.result(write))
                    .matches(failure -> ((KvException) failure).outcome() == Outcome.UNKNOWN);
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
            proxy.flow();
            Await.until(() -> backend.get(DIR.key("k"))
                    .handle((read, failure) -> failure == null && read.value().equals(Optional.of(Bytes.ofUtf8("2"))))
                    .get());
        }
    }

    @Test
    void grantWhoseAnswerIsLostLeavesNoLeaseBehind() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                TcpProxy proxy = TcpProxy.to(relay.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/lease?timeout=15s")) {
            AtomicBoolean armed = new AtomicBoolean(true);
            relay.replies((method, message) -> {
                if (method.endsWith("/LeaseGrant") && armed.compareAndSet(true, false)) {
                    proxy.cut();
                }
                return message;
            });
            Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
            assertThatThrownBy(() -> Await.result(backend.grantLease(Duration.ofSeconds(600))))
                    .isInstanceOf(KvException.class);
            assertThat(armed).isFalse();
            Await.until(() -> server.admin().leaseIds().isEmpty());
        }
    }
}
