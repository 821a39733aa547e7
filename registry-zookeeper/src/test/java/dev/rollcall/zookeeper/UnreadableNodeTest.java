package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Another user's node, which this client may not read, lies among what it watches. */
class UnreadableNodeTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.plain();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url(String user, String address, String root) {
        return "zookeeper://" + user + address + root + "?timeout=30s";
    }

    @Test
    void onlyWatchesAroundItEndAndTheySayWhichItIs() {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend other = KvBackends.open(url("ann:secret@", server.address(), "/mixed") + "&acl=creator");
                KvBackend handle = KvBackends.open(url("", proxy.address(), "/mixed"));
                KvBackend writer = KvBackends.open(url("", server.address(), "/mixed"))) {
            result(writer.put(Key.of("/a/one"), text("1")));
            result(writer.put(Key.of("/b/one"), text("1")));
            CompletableFuture<Void> ended = new CompletableFuture<>();
            Collector around = new Collector();
            handle.watch(Directory.of("/a"), WatchStart.snapshot(), endInto(around, ended));
            Collector beside = new Collector();
            handle.watch(Directory.of("/b"), WatchStart.snapshot(), beside);
            Awaitility.await()
                    .atMost(LONG)
                    .until(() -> around.held().size() == 1 && beside.held().size() == 1);

            result(other.put(Key.of("/a/secret"), text("mine")));
            proxy.cut();

            assertThat(failure(ended))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("'/mixed/a/secret'");
            result(writer.put(Key.of("/b/two"), text("2")));
            Awaitility.await().atMost(LONG).until(() -> beside.held().size() == 2);

            result(other.delete(Key.of("/a/secret")));
            Collector again = new Collector();
            handle.watch(Directory.of("/a"), WatchStart.snapshot(), again);
            Awaitility.await().atMost(LONG).until(() -> again.held().size() == 1);
            result(writer.put(Key.of("/a/two"), text("2")));
            Awaitility.await().atMost(LONG).until(() -> again.held().size() == 2);
        }
    }

    /** ZooKeeper says nothing of it, neither when it happens nor when the node may be read again. */
    @Test
    void whatHappenedToNodesThatCouldNotBeReadIsToldToWatchesWhenItIsListed() {
        String acl = "&acl=creator-world-read";
        try (KvBackend ann = KvBackends.open(url("ann:secret@", server.address(), "/passing") + acl);
                KvBackend handle = KvBackends.open(url("", server.address(), "/passing"))) {
            Lease lease = result(ann.grantLease(Duration.ofSeconds(25)));
            result(ann.put(Key.of("/a/changed"), text("1")));
            result(ann.put(Key.of("/a/gone"), text("1"), lease));
            Collector seen = new Collector();
            handle.watch(Directory.of("/a"), WatchStart.snapshot(), seen);
            Awaitility.await().atMost(LONG).until(() -> seen.held().size() == 2);

            List<ACL> worldMayRead = new ArrayList<>(Ids.CREATOR_ALL_ACL);
            worldMayRead.addAll(Ids.READ_ACL_UNSAFE);
            permit(Ids.CREATOR_ALL_ACL, "/passing/a/changed", "/passing/a/gone");
            result(ann.put(Key.of("/a/changed"), text("2")));
            result(lease.revoke());
            permit(worldMayRead, "/passing/a/changed");

            assertThat(result(handle.list(Directory.of("/a"))).entries()).hasSize(1);
            Awaitility.await()
                    .atMost(LONG)
                    .untilAsserted(() -> assertThat(seen.held().values())
                            .extracting(KeyValue::value)
                            .containsExactly(text("2")));
            assertThat(seen.faults()).isEmpty();
        }
    }

    /** As its user. */
    private static void permit(List<ACL> entries, String... paths) {
        Leftovers.permit(server.address(), "ann:secret", List.of(paths), entries);
    }

    /** What lies above a store's root is everybody's. */
    @Test
    void nothingAboveTheRootIsClaimedForItsUser() {
        try (KvBackend first = KvBackends.open(url("ann:secret@", server.address(), "/apps/shared/first"));
                KvBackend second = KvBackends.open(url("bob:other@", server.address(), "/apps/shared/second"))) {
            result(first.put(Key.of("/k"), text("1")));
            result(second.put(Key.of("/k"), text("2")));
            assertThat(result(second.get(Key.of("/k"))).value()).contains(text("2"));
        }
    }

    private static WatchListener endInto(Collector collector, CompletableFuture<Void> ended) {
        return new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                collector.onSignal(signal);
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                ended.completeExceptionally(cause == null ? new AssertionError("It ended without a cause.") : cause);
            }
        };
    }
}
