package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.tck.server.TcpProxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Where something fails in the backend itself, for want of memory perhaps, its handle goes on or ends aloud, and does not fall silent. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashTest {
    private static final Key KEY = Key.of("/k");

    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private static KvBackend open(String members, Endpoint.Resolver resolver, IoLoop loop) {
        EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://" + members + "/crash?timeout=60s"));
        return EtcdBackend.open(options, null, resolver, loop, HandleThreads.open("etcd"));
    }

    private static InetAddress[] addresses(String... texts) {
        try {
            InetAddress[] addresses = new InetAddress[texts.length];
            for (int i = 0; i < texts.length; i++) {
                addresses[i] = InetAddress.getByName(texts[i]);
            }
            return addresses;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void nameIsLookedUpAgainAfterAnError() {
        AtomicInteger asked = new AtomicInteger();
        Endpoint.Resolver resolver = name -> {
            if (asked.incrementAndGet() <= 3) {
                throw new NoClassDefFoundError("made up by a test");
            }
            return addresses("127.0.0.1");
        };
        try (KvBackend backend = open("etcd.example:" + server.port(), resolver, new IoLoop())) {
            Await.reason(backend);
            assertThat(backend.connection().lastFailure()).hasMessageContaining("made up by a test");
            Await.result(backend.put(KEY, Bytes.EMPTY));
            assertThat(asked).hasValue(4);
        }
    }

    @Test
    void eachAddressOfANameIsTried() {
        Endpoint.Resolver resolver = name -> addresses("127.0.0.77", "127.0.0.78", "127.0.0.1");
        try (KvBackend backend = open("etcd.example:" + server.port(), resolver, new IoLoop())) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
        }
    }

    @Test
    void nameIsLookedUpAgainInEachRound() {
        AtomicInteger asked = new AtomicInteger();
        Endpoint.Resolver resolver = name -> addresses(asked.incrementAndGet() <= 3 ? "127.0.0.77" : "127.0.0.1");
        try (KvBackend backend = open("etcd.example:" + server.port(), resolver, new IoLoop())) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            assertThat(asked).hasValue(4);
        }
    }

    @Test
    void taskThatFailsCostsItsConnectionAndNothingElse() {
        IoLoop loop = new IoLoop();
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = open(proxy.address(), InetAddress::getAllByName, loop)) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            int before = proxy.accepted();
            loop.execute(() -> {
                throw new OutOfMemoryError("made up by a test");
            });
            Await.until(() -> proxy.accepted() > before);
            long revision =
                    Await.result(backend.put(KEY, Bytes.ofUtf8("after"), lease)).revision();
            Await.until(() -> observer.revision() >= revision || observer.hasEnded());
            assertThat(observer.hasEnded()).isFalse();
            assertThat(observer.breaches()).isEmpty();
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void revocationThatCannotBeBegunFailsAndIsPossibleLater() {
        EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://" + server.address() + "/crash?timeout=60s"));
        try (FaultyTime time = new FaultyTime();
                KvBackend backend = EtcdBackend.open(
                        options, null, InetAddress::getAllByName, new IoLoop(), HandleThreads.open("etcd", time))) {
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(600)));
            time.failOnce();
            assertThatThrownBy(() -> Await.result(lease.revoke()))
                    .isInstanceOf(KvException.class)
                    .hasMessageContaining("made up by a test");
            Await.result(lease.revoke());
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.REVOKED);
        }
    }

    @Test
    void handleWhoseThreadHasDiedEnds() {
        IoLoop loop = new IoLoop();
        try (KvBackend backend = open(server.address(), InetAddress::getAllByName, loop)) {
            Observer observer = new Observer();
            backend.watch(Directory.ROOT, WatchStart.snapshot(), observer);
            Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(600)));
            Await.result(backend.put(KEY, Bytes.EMPTY, lease));
            // As Netty does when the thread has thrown.
            loop.group().shutdownGracefully(0, 0, TimeUnit.SECONDS);
            Await.until(observer::hasEnded);
            assertThat(observer.cause()).isInstanceOf(BackendClosedException.class);
            assertThat(Await.result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            assertThat(lease.isHeld()).isFalse();
            assertThatThrownBy(() -> Await.result(backend.put(KEY, Bytes.EMPTY)))
                    .isInstanceOf(BackendClosedException.class);
            Await.until(() -> backend.connection().state() == ConnectionState.CLOSED);
        }
    }
}
