package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.ServerData;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that comes back with less than it had: put back from a copy, or wiped. */
class RewindTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Bytes VALUE = Bytes.ofUtf8("v");

    @TempDir
    Path copies;

    /** What a handle has open when its store goes back in time. */
    private record Open(KvBackend backend, Observer state, Observer history, Lease lease) {}

    private static Open open(KvBackend backend) {
        Observer state = new Observer();
        backend.watch(DIR, WatchStart.snapshot(), state);
        Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
        long revision =
                Await.result(backend.put(DIR.key("leased"), VALUE, lease)).revision();
        Observer history = new Observer();
        backend.watch(DIR, WatchStart.history(revision), history);
        long last = Await.result(backend.put(DIR.key("later"), VALUE)).revision();
        Await.until(() -> state.revision() >= last && history.revision() >= last);
        return new Open(backend, state, history, lease);
    }

    private static void isNoticed(Open open, EtcdServer server, List<String> left) {
        Await.until(() -> open.state().rewound() == 1
                && open.state().state().size() == left.size()
                && open.history().hasEnded());
        assertThat(open.state().state().keySet().stream().map(key -> key.name()).toList())
                .containsExactlyElementsOf(left);
        assertThat(open.history().cause()).isInstanceOf(HistoryUnavailableException.class);
        assertThat(Await.result(open.lease().ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
        long revision = Await.result(open.backend().put(DIR.key("new"), VALUE)).revision();
        Await.until(() -> open.state().revision() >= revision);
        assertThat(open.state().state()).containsKey(DIR.key("new"));
        assertThat(Await.result(open.backend().get(DIR.key("new"), ReadConsistency.SEQUENTIAL))
                        .isPresent())
                .isTrue();
        Await.until(() -> server.admin().leaseIds().isEmpty());
        assertThat(open.state().breaches()).isEmpty();
        assertThat(open.state().hasEnded()).isFalse();
    }

    @Test
    void storePutBackToAnEarlierStateIsNoticed() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/rewind?timeout=30s")) {
            Await.result(backend.put(DIR.key("early"), VALUE));
            server.process().kill();
            ServerData.copy(server.data(), copies.resolve("early"));
            server.restart();
            Open open = open(backend);
            server.process().kill();
            ServerData.delete(server.data());
            ServerData.copy(copies.resolve("early"), server.data());
            server.restart();
            isNoticed(open, server, List.of("early"));
        }
    }

    @Test
    void wipedStoreIsNoticed() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/wiped?timeout=30s")) {
            Open open = open(backend);
            server.process().kill();
            ServerData.delete(server.data());
            server.restart();
            isNoticed(open, server, List.of());
        }
    }

    @Test
    void storeThatHasPassedTheOldRevisionMeanwhileIsNoticed() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/passed?timeout=30s")) {
            Open open = open(backend);
            proxy.refuse();
            proxy.cut();
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
            server.process().kill();
            ServerData.delete(server.data());
            server.restart();
            for (int i = 0; i < 20; i++) {
                server.admin().put("/elsewhere/" + i, "v");
            }
            proxy.accept();
            isNoticed(open, server, List.of());
        }
    }

    @Test
    void listWhosePagesTheStoreHasForgottenBeginsAgain() {
        AtomicInteger refusals = new AtomicInteger();
        AtomicInteger pages = new AtomicInteger();
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + relay.address() + "/pages?timeout=60s")) {
            for (int i = 0; i < 40; i++) {
                server.admin().put("/pages/d/" + i, "v");
            }
            relay.replies((method, message) -> {
                if (method.endsWith("/Range") && hasMore(message) && pages.getAndIncrement() < 3) {
                    refusals.incrementAndGet();
                }
                return message;
            });
            // Nothing else reads meanwhile, but for the probes of a handle that is at rest.
            relay.script(method -> method.endsWith("/Range") && refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                    ? Status.OUT_OF_RANGE.withDescription("etcdserver: mvcc: required revision is a future revision")
                    : GrpcRelay.PASS);
            assertThat(Await.result(backend.list(DIR)).entries()).hasSize(40);
            assertThat(pages.get()).as("pages that were followed by a refusal").isPositive();
            assertThat(refusals.get()).as("refusals that nobody has got").isZero();
        }
    }

    private static boolean hasMore(byte[] message) {
        try {
            return RangeResponse.parseFrom(message).getMore();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("An answer of etcd's is not understood.", e);
        }
    }

    @Test
    void restartIsNotTakenForATripInTime() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/restart?timeout=30s")) {
            Open open = open(backend);
            server.admin().compact(server.admin().revision());
            server.process().kill();
            server.restart();
            long revision = Await.result(backend.put(DIR.key("new"), VALUE)).revision();
            Await.until(
                    () -> open.state().revision() >= revision && open.history().revision() >= revision);
            assertThat(open.state().rewound()).isZero();
            assertThat(open.lease().isHeld()).isTrue();
        }
    }
}
