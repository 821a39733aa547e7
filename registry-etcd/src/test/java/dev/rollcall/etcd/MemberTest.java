package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerProcess;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Members that answer and do not serve, that are slow, or that are proxies. */
class MemberTest {
    private static final Key KEY = Key.of("/k");

    @Test
    void learnerIsPassedOver() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest())) {
            int peer = FreePorts.find();
            ClusterGrpc.ClusterBlockingStub cluster =
                    ClusterGrpc.newBlockingStub(server.admin().channel());
            String peers = cluster.memberList(MemberListRequest.getDefaultInstance())
                    .getMembers(0)
                    .getPeerURLs(0);
            cluster.memberAdd(MemberAddRequest.newBuilder()
                    .addPeerURLs("http://127.0.0.1:" + peer)
                    .setIsLearner(true)
                    .build());
            List<String> flags = List.of(
                    "--name=l",
                    "--initial-cluster=m=" + peers + ",l=http://127.0.0.1:" + peer,
                    "--initial-cluster-state=existing",
                    "--listen-peer-urls=http://127.0.0.1:" + peer,
                    "--initial-advertise-peer-urls=http://127.0.0.1:" + peer);
            try (EtcdServer learner = EtcdServer.start(EtcdBinary.underTest(), "http", flags)) {
                Await.until(() -> EtcdServer.listens(learner.port()));
                for (int i = 0; i < 8; i++) {
                    String url = "etcd://" + learner.address() + "," + server.address() + "/learner?timeout=30s";
                    try (KvBackend backend = KvBackends.open(url)) {
                        Await.result(backend.put(KEY, Bytes.EMPTY));
                        assertThat(Await.result(backend.get(KEY)).isPresent()).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void memberThatStopsServingAndStillTellsItsStatusIsLeft() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay hanging = GrpcRelay.to(server.port());
                GrpcRelay well = GrpcRelay.to(server.port());
                KvBackend backend =
                        KvBackends.open("etcd://" + hanging.address() + "," + well.address() + "/half?timeout=30s")) {
            AtomicInteger served = new AtomicInteger();
            // Whichever is in use hangs: all but the status, which is how a member with a stalled disk looks.
            well.script(method -> GrpcRelay.PASS);
            hanging.script(method -> {
                if (method.endsWith("KV/Put") || method.endsWith("KV/Txn")) {
                    served.incrementAndGet();
                }
                return GrpcRelay.PASS;
            });
            Await.result(backend.put(KEY, Bytes.ofUtf8("1")));
            boolean uses = served.get() > 0;
            (uses ? hanging : well).script(method -> method.contains("Maintenance") ? GrpcRelay.PASS : GrpcRelay.HANG);
            // A read that is under way goes elsewhere, within its time.
            Await.result(backend.get(KEY));
            assertThat(backend.connection().state()).isEqualTo(ConnectionState.CONNECTED);
            Await.result(backend.put(KEY, Bytes.ofUtf8("2")));
        }
    }

    /** A heavy load makes one question wait, and another connection would only begin the load anew. */
    @Test
    void memberThatAnswersOtherReadsIsKeptThoughOneQuestionIsNotAnswered() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                TcpProxy proxy = TcpProxy.to(relay.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/busy?timeout=30s")) {
            Await.result(backend.put(KEY, Bytes.ofUtf8("0")));
            boolean kept = false;
            // A list that takes longer than the member's patience shows nothing; then the next round does.
            for (int round = 0; round < 8 && !kept; round++) {
                long before = proxy.accepted();
                AtomicInteger reads = new AtomicInteger();
                // Nothing else is under way, so the first read is the question whether the member serves.
                relay.script(method ->
                        method.endsWith("KV/Range") && reads.getAndIncrement() == 0 ? GrpcRelay.HANG : GrpcRelay.PASS);
                Await.until(() -> reads.get() > 0);
                Await.result(backend.list(Directory.ROOT));
                int known = reads.get();
                // It is asked again once the question before has ended.
                Await.until(() -> reads.get() > known);
                kept = proxy.accepted() == before;
            }
            assertThat(kept).isTrue();
        }
    }

    @Test
    void writeThatWasTurnedAwayIsTriedAgainUntilItSucceeds() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + relay.address() + "/turned?timeout=30s")) {
            Await.result(backend.put(KEY, Bytes.ofUtf8("0")));
            AtomicInteger left = new AtomicInteger(5);
            relay.script(method -> method.endsWith("KV/Txn") && left.getAndDecrement() > 0
                    ? Status.UNAVAILABLE.withDescription("etcdserver: no leader")
                    : GrpcRelay.PASS);
            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                writes.add(backend.create(Directory.of("/d").key("k" + i), Bytes.EMPTY));
            }
            writes.forEach(Await::result);
            assertThat(left).hasNonPositiveValue();
        }
    }

    @Test
    void restartOfTheServerRefusesNoWriteThatHasTimeLeft() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/restart?timeout=60s")) {
            Await.result(backend.put(KEY, Bytes.ofUtf8("0")));
            List<KvException> notApplied = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                if (i % 100 == 50) {
                    server.process().kill();
                    server.process().launch();
                }
                try {
                    Await.result(backend.put(KEY, Bytes.ofUtf8("" + i)));
                } catch (KvException e) {
                    if (e.outcome() == Outcome.NOT_APPLIED) {
                        notApplied.add(e);
                    }
                }
            }
            assertThat(notApplied).isEmpty();
        }
    }

    @Test
    void shortTimeoutDoesNotKeepADistantServerFromBeingReached() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                TcpProxy proxy = TcpProxy.to(server.port())) {
            proxy.delay(Duration.ofMillis(60));
            try (KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/far?timeout=200ms")) {
                Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
            }
        }
    }

    @Test
    void manyLeasesAtAFollowerAreKept() {
        try (EtcdCluster cluster = EtcdCluster.start(EtcdBinary.underTest())) {
            cluster.members().forEach(member -> member.peers().delay(Duration.ofMillis(5)));
            EtcdCluster.Member follower = cluster.follower();
            try (KvBackend backend =
                    KvBackends.open("etcd://" + follower.proxy().address() + "/many?timeout=60s")) {
                List<CompletableFuture<Lease>> grants = new ArrayList<>();
                for (int i = 0; i < 1_000; i++) {
                    grants.add(backend.grantLease(Duration.ofSeconds(20)));
                }
                List<Lease> leases = grants.stream().map(Await::result).toList();
                AtomicInteger lost = new AtomicInteger();
                leases.forEach(lease -> lease.ended().thenAccept(end -> {
                    if (end == LeaseEnd.LOST) {
                        lost.incrementAndGet();
                    }
                }));
                // Each term has passed by then, but for renewals.
                long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
                Await.until(() -> lost.get() > 0 || System.nanoTime() > until);
                assertThat(lost).hasValue(0);
                assertThat(leases).allMatch(Lease::isHeld);
            }
        }
    }

    @Test
    void eachWatchThroughAProxyIsToldItsOwnAndLeasesAreKept() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest())) {
            int port = FreePorts.find();
            String address = "127.0.0.1:" + port;
            Path log = EtcdServer.directory("proxy-" + port).resolve("etcd.log");
            List<String> command = List.of(
                    EtcdBinary.underTest().path().toString(),
                    "grpc-proxy",
                    "start",
                    "--endpoints=" + server.address(),
                    "--listen-addr=" + address,
                    // Else it looks for itself at its default port, and ends after five seconds in vain.
                    "--advertise-client-url=" + address,
                    "--data-dir=" + log.resolveSibling("proxy"));
            try (ServerProcess proxy =
                            new ServerProcess("proxy", command, Map.of(), log, () -> EtcdServer.listens(port));
                    KvBackend backend = openThrough(proxy, address)) {
                Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(15)));
                Await.result(backend.put(Key.of("/leased"), Bytes.EMPTY, lease));
                List<Observer> observers = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    Observer observer = new Observer();
                    observers.add(observer);
                    backend.watch(Directory.of("/d" + i), WatchStart.snapshot(), observer);
                }
                // Longer than the ttl.
                long until = System.nanoTime() + Duration.ofSeconds(17).toNanos();
                for (int round = 0; round < 3 || System.nanoTime() < until; round++) {
                    for (int i = 0; i < 30; i++) {
                        Key key = Directory.of("/d" + i).key("k" + round);
                        Await.result(backend.put(key, Bytes.ofUtf8("" + i)));
                        Observer observer = observers.get(i);
                        Await.until(() -> observer.state().containsKey(key) || observer.hasEnded());
                    }
                }
                for (int i = 0; i < 30; i++) {
                    Directory own = Directory.of("/d" + i);
                    assertThat(observers.get(i).state().keySet()).allMatch(own::covers);
                    assertThat(observers.get(i).breaches()).isEmpty();
                    assertThat(observers.get(i).hasEnded()).isFalse();
                }
                assertThat(lease.isHeld()).isTrue();
            }
        }
    }

    @Test
    void watchThatIsToldWhatOthersAskedForEndsWithTheReason() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + relay.address() + "/mixed?timeout=60s")) {
            AtomicInteger streams = new AtomicInteger();
            relay.script(method -> {
                if (method.endsWith("/Watch")) {
                    streams.incrementAndGet();
                }
                return GrpcRelay.PASS;
            });
            relay.replies((method, message) -> method.endsWith("/Watch") ? foreign(message) : message);
            Observer observer = new Observer();
            backend.watch(Directory.of("/own"), WatchStart.snapshot(), observer);
            Await.until(() -> observer.signals().size() == 1);
            Await.result(backend.put(Key.of("/own/k"), Bytes.EMPTY));
            Await.until(observer::hasEnded);
            assertThat(observer.cause())
                    .hasMessageContaining("even on a stream of its own")
                    .hasMessageContaining("name the members themselves in the URL");
            assertThat(observer.changeRevisions()).isEmpty();
            // The shared one, and those of its own.
            assertThat(streams).hasValueBetween(2, 6);
        }
    }

    @Test
    void watchThatIsToldNowAndThenWhatOthersAskedForGoesOn() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest());
                GrpcRelay relay = GrpcRelay.to(server.port());
                FaultyTime time = new FaultyTime();
                KvBackend backend = EtcdBackend.open(
                        EtcdOptions.of(BackendUrl.parse("etcd://" + relay.address() + "/mixed?timeout=60s")),
                        null,
                        InetAddress::getAllByName,
                        new IoLoop(),
                        HandleThreads.open("etcd", time))) {
            AtomicInteger stray = new AtomicInteger();
            relay.script(method -> GrpcRelay.PASS);
            relay.replies((method, message) ->
                    method.endsWith("/Watch") && isStray(message, stray) ? foreign(message) : message);
            Observer observer = new Observer();
            backend.watch(Directory.of("/own"), WatchStart.snapshot(), observer);
            Await.until(() -> observer.signals().size() == 1);
            for (int i = 0; i < 6; i++) {
                stray.set(1);
                Key key = Key.of("/own/k" + i);
                Await.result(backend.put(key, Bytes.EMPTY));
                Await.until(() -> observer.state().containsKey(key) || observer.hasEnded());
                assertThat(stray).hasNonPositiveValue();
                time.jump(Duration.ofSeconds(61));
            }
            assertThat(observer.hasEnded()).isFalse();
            assertThat(observer.breaches()).isEmpty();
        }
    }

    private static boolean isStray(byte[] message, AtomicInteger left) {
        try {
            return WatchResponse.parseFrom(message).getEventsCount() > 0 && left.getAndDecrement() > 0;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The message of a watch is not understood.", e);
        }
    }

    private static byte[] foreign(byte[] message) {
        try {
            WatchResponse.Builder response = WatchResponse.parseFrom(message).toBuilder();
            response.getEventsBuilderList()
                    .forEach(event -> event.getKvBuilder().setKey(ByteString.copyFromUtf8("/mixed/another/k")));
            return response.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The message of a watch is not understood.", e);
        }
    }

    /** A proxy says of what the server has refused that nobody knows why. */
    @Test
    void handleConnectsThroughAProxyAfterACompaction() {
        try (EtcdCluster cluster = EtcdFaultsTest.start(Map.of("proxy", "true"));
                KvBackend backend = cluster.open()) {
            Await.result(backend.put(KEY, Bytes.EMPTY));
            EtcdAdmin operator = cluster.members().get(0).admin();
            for (int i = 0; i < 3; i++) {
                Await.result(backend.create(Directory.of("/d").key("k" + i), Bytes.EMPTY));
                Await.result(backend.put(KEY, Bytes.ofUtf8("" + i)));
                operator.put("/elsewhere", "v");
                operator.compact(operator.revision());
                cluster.proxies().all().forEach(proxy -> proxy.process().kill());
                Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
                cluster.proxies().all().forEach(proxy -> proxy.process().start());
                Await.until(() -> backend.connection().state() == ConnectionState.CONNECTED);
            }
        }
    }

    private static KvBackend openThrough(ServerProcess proxy, String address) {
        proxy.start();
        return KvBackends.open("etcd://" + address + "/proxied?timeout=30s");
    }
}
