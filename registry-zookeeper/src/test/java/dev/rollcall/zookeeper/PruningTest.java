package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is left of the directories of leased names. */
class PruningTest {
    private static final int MANY = 2_000;
    private static final Duration LONGEST = Duration.ofSeconds(120);

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

    private static List<String> directories(String root) {
        return Leftovers.children(server.address(), root + "/names");
    }

    private static Lease put(KvBackend handle, int count) {
        Lease lease = result(handle.grantLease(Duration.ofSeconds(25)));
        List<? extends CompletableFuture<?>> puts = IntStream.range(0, count)
                .mapToObj(i -> handle.put(Key.of("/names/unique-" + i + "/at"), text("v"), lease))
                .toList();
        puts.forEach(Await::result);
        return lease;
    }

    private static void expire(Lease lease) {
        SessionThief.end(server.address(), lease);
    }

    private static void awaitNone(String root) {
        Awaitility.await().atMost(LONGEST).until(() -> directories(root).isEmpty());
    }

    @Test
    void whoWatchesRemovesWhatExpiredLeasesLeave() {
        try (KvBackend holder = open("/watched");
                KvBackend other = open("/watched")) {
            other.watch(Directory.ROOT, WatchStart.snapshot(), new Collector());
            Lease lease = put(holder, MANY);
            assertThat(directories("/watched")).hasSize(MANY);
            expire(lease);
            awaitNone("/watched");
        }
    }

    @Test
    void whoListsRemovesWhatWasLeftBefore() {
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend holder = KvBackends.open("zookeeper://" + proxy.address() + "/listed?timeout=60s")) {
            Lease lease = put(holder, MANY);
            proxy.refuse();
            proxy.cut();
            expire(lease);
        }
        assertThat(directories("/listed")).hasSize(MANY);
        try (KvBackend other = open("/listed")) {
            result(other.list(Directory.ROOT));
            awaitNone("/listed");
        }
    }

    @Test
    void holderThatHasLostItsLeaseRemovesThem() {
        try (KvBackend holder = open("/lost")) {
            Lease lease = put(holder, 100);
            expire(lease);
            assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
            awaitNone("/lost");
        }
    }

    @Test
    void holderThatIsClosedRemovesThemWithoutAPause() throws InterruptedException {
        try (ZooKeeperBackend holder = (ZooKeeperBackend) open("/closed")) {
            result(put(holder, MANY).revoke());
            CountDownLatch pruned = new CountDownLatch(1);
            // What close() does, but for as long as it takes on a busy machine.
            holder.prune(pruned::countDown);
            assertThat(pruned.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(directories("/closed")).isEmpty();
        }
    }

    @Test
    void directoriesThatOthersHaveMadeAndNotUsedYetStay() {
        try (KvBackend handle = open("/made")) {
            result(handle.put(Key.of("/names"), text("v")));
            Leftovers.make(server.address(), "/made/names/fresh", "/made/names/spent", "/made/names/spent/child");
            Leftovers.remove(server.address(), "/made/names/spent/child");
            assertThat(directories("/made")).containsExactlyInAnyOrder("fresh", "spent");
            result(handle.list(Directory.ROOT));
            Awaitility.await().atMost(LONGEST).until(() -> directories("/made").equals(List.of("fresh")));
        }
    }
}
