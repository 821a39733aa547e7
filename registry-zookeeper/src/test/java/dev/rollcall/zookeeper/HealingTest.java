package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others do to a store's nodes by hand, and servers with other limits: writes find a way, or end soon and say why. */
class HealingTest {
    /** Of transactions: what a handful of attempts make, where an endless loop makes thousands. */
    private static final long FEW = 100;

    /** For whoever comes, who may set another list. */
    private static final List<ACL> READ_ONLY = List.of(new ACL(Perms.READ | Perms.ADMIN, Ids.ANYONE_ID_UNSAFE));

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.plain();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static KvBackend open(String root) {
        return KvBackends.open("zookeeper://" + server.address() + root + "?timeout=60s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "own", "root own"})
    void removedNodesOfTheStoreAreMadeAgain(String removed) {
        String root = "/reset-" + removed.replace(" ", "-");
        try (KvBackend handle = open(root);
                KvBackend other = open(root)) {
            result(handle.put(Key.of("/a/before"), text("1")));
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            result(handle.put(Key.of("/leased/before"), text("1"), lease));
            result(other.get(Key.of("/a/before")));
            if (removed.contains("root")) {
                Leftovers.remove(server.address(), root);
            }
            if (removed.contains("own")) {
                Leftovers.remove(server.address(), root + Layout.OWN_SUFFIX);
            }
            long first = result(other.put(Key.of("/a/after"), text("1"))).revision();
            result(handle.put(Key.of("/b/after"), text("2")));
            result(handle.create(Key.of("/c/after"), text("2")));
            result(handle.put(Key.of("/leased/after"), text("2"), lease));
            long last = result(handle.put(Key.of("/a/after"), text("2"))).revision();
            assertThat(last - first).isLessThan(FEW);
            assertThat(result(handle.get(Key.of("/leased/after"))).isPresent()).isTrue();
        }
    }

    @Test
    void removedReceiptIsAddedAgain() {
        try (KvBackend handle = open("/receipts")) {
            long first = result(handle.put(Key.of("/k"), text("1"))).revision();
            Leftovers.removeChildren(server.address(), "/receipts" + Layout.OWN_SUFFIX, name -> name.startsWith("s"));
            for (int i = 0; i < 3; i++) {
                result(handle.put(Key.of("/k"), text(i)));
            }
            long last = result(handle.put(Key.of("/k"), text("2"))).revision();
            assertThat(last - first).isLessThan(FEW);
        }
    }

    /** Of whichever node of the store, and whatever is under way. */
    @ParameterizedTest
    @ValueSource(strings = {"/d", ".rollcall", ".rollcall/g", ".rollcall/d"})
    void accessListThatForbidsIsNamedAndNothingIsLeftOfItWhenItIsGone(String node) {
        String root = "/forbidden" + node.replaceAll("\\W", "-");
        Directory dir = Directory.of("/d");
        try (KvBackend handle = open(root);
                KvBackend other = open(root)) {
            result(handle.put(dir.key("kept"), text("1")));
            Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
            Lease next = result(handle.grantLease(Duration.ofSeconds(25)));
            result(handle.put(dir.key("leased"), text("1"), lease));
            List<String> nodes = node.length() < 11
                    ? List.of(root + node)
                    : IntStream.range(0, 64).mapToObj(i -> root + node + i).toList();
            Leftovers.permit(server.address(), nodes, READ_ONLY);
            boolean counters = node.endsWith("/d") && nodes.size() > 1;
            // Only who deletes counts what it deletes; and only who has no receipt yet creates one.
            CompletableFuture<Commit> refused =
                    counters ? other.delete(dir.key("leased")) : other.create(dir.key("new"), text("1"));
            KvException failure = failure(refused);
            assertThat(failure)
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageFindingMatch("'" + Pattern.quote(root + node) + "\\d*'");
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            Leftovers.permit(server.address(), nodes, Ids.OPEN_ACL_UNSAFE);
            result(other.create(dir.key("new"), text("1")));
            result(other.put(dir.key("taken"), text("1")));
            result(handle.put(dir.key("taken"), text("2"), next));
            result(lease.revoke());
            result(other.delete(dir.key("kept")));
            assertThat(result(other.list(dir)).entries().stream().map(KeyValue::key))
                    .containsExactly(dir.key("new"), dir.key("taken"));
        }
    }

    /** The first write of all creates what the store needs. */
    @Test
    void accessListAboveTheRootIsNamedByTheFirstWrite() {
        Leftovers.make(server.address(), "/theirs");
        Leftovers.permit(server.address(), "/theirs", READ_ONLY);
        try (KvBackend handle = open("/theirs/ours")) {
            assertThat(failure(handle.put(Key.of("/k"), text("1"))))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("'/theirs'");
            Leftovers.permit(server.address(), "/theirs", Ids.OPEN_ACL_UNSAFE);
            result(handle.put(Key.of("/k"), text("1")));
        }
    }

    @Test
    void batchThatBreaksAConnectionFallsApartAndALoneRequestThatDoesIsTooLarge() {
        try (ZooKeeperServer small = ZooKeeperServer.plain(List.of(), List.of("jute.maxbuffer=65536"));
                KvBackend handle = KvBackends.open("zookeeper://" + small.address() + "/small?timeout=60s")) {
            result(handle.put(Key.of("/k"), text("connected")));
            Bytes tenth = Bytes.copyOf(new byte[10_000]);
            List<CompletableFuture<Commit>> burst = IntStream.range(0, 300)
                    .mapToObj(i -> handle.put(Key.of("/d/" + i), tenth))
                    .toList();
            burst.forEach(Await::result);
            assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(300);

            KvException failure = failure(handle.put(Key.of("/k"), Bytes.copyOf(new byte[100_000])));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
            assertThat(failure.isRetryable()).isFalse();
            assertThat(failure).hasMessageContaining("jute.maxbuffer").hasMessageContaining("100");
            result(handle.put(Key.of("/k"), text("goes on")));
        }
    }

    /** Or each connection would break anew, by a request as large as the one before. */
    @Test
    void sizeThatBreaksAConnectionIsRememberedByTheNext() {
        try (ZooKeeperServer small = ZooKeeperServer.plain(List.of(), List.of("jute.maxbuffer=65536"));
                TcpProxy proxy = TcpProxy.to(small.port());
                KvBackend handle = KvBackends.open("zookeeper://" + proxy.address() + "/small?timeout=60s")) {
            result(handle.put(Key.of("/k"), text("connected")));
            Bytes large = Bytes.copyOf(new byte[20_000]);
            List<CompletableFuture<Commit>> burst = IntStream.range(0, 300)
                    .mapToObj(i -> handle.put(Key.of("/d/" + i), large))
                    .toList();
            burst.forEach(Await::result);
            assertThat(proxy.accepted()).as("connections").isLessThan(10);
            assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(300);
        }
    }

    @Test
    void writeBesideOneThatBreaksConnectionsIsNotTakenForIt() {
        try (ZooKeeperServer small = ZooKeeperServer.plain(List.of(), List.of("jute.maxbuffer=65536"));
                KvBackend handle = KvBackends.open("zookeeper://" + small.address() + "/beside?timeout=60s")) {
            result(handle.put(Key.of("/k"), text("connected")));
            CompletableFuture<Commit> guilty = handle.put(Key.of("/guilty"), Bytes.copyOf(new byte[100_000]));
            List<CompletableFuture<Commit>> innocent = IntStream.range(0, 8)
                    .mapToObj(i -> handle.put(Key.of("/innocent/" + i), Bytes.copyOf(new byte[20_000])))
                    .toList();
            innocent.forEach(Await::result);
            assertThat(failure(guilty)).hasMessageContaining("jute.maxbuffer");
        }
    }

    @Test
    void readsOfLongPathsFitIntoTheRequestsOfASmallServer() {
        try (ZooKeeperServer small = ZooKeeperServer.plain(List.of(), List.of("jute.maxbuffer=65536"));
                KvBackend handle = KvBackends.open("zookeeper://" + small.address() + "/long?timeout=30s")) {
            String name = "n".repeat(390);
            List<Key> keys = IntStream.range(0, 300)
                    .mapToObj(i -> Key.of("/d/" + name + i))
                    .toList();
            keys.stream().map(key -> handle.put(key, text("1"))).toList().forEach(Await::result);
            assertThat(result(handle.list(Directory.of("/d"))).entries()).hasSize(300);
            keys.stream().map(handle::get).toList().forEach(Await::result);
            Collector watching = new Collector();
            try (Watch watch = handle.watch(Directory.of("/d"), WatchStart.snapshot(), watching)) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> watching.held().size() == 300);
                keys.stream().map(key -> handle.put(key, text("2"))).toList().forEach(Await::result);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> watching.held().values().stream()
                                .allMatch(entry -> entry.value().equals(text("2"))));
                assertThat(watching.faults()).isEmpty();
                assertThat(watch.directory()).isEqualTo(Directory.of("/d"));
            }
        }
    }
}
