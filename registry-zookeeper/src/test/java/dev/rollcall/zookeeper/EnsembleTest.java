package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What only an ensemble can do to its clients. */
class EnsembleTest {
    private static final int IN_FLIGHT = 32;

    private static ZooKeeperServers servers;

    @BeforeAll
    static void start() {
        servers = ZooKeeperServers.plainEnsemble();
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static String everyone() {
        return servers.members().stream().map(ZooKeeperServer::address).collect(Collectors.joining(","));
    }

    private static Map<Key, KeyValue> held(KvBackend handle, ReadConsistency consistency) {
        Map<Key, KeyValue> held = new TreeMap<>();
        result(handle.list(Directory.ROOT, consistency)).entries().forEach(entry -> held.put(entry.key(), entry));
        return held;
    }

    private static Txn pair(int number, String value) {
        return Txn.builder()
                .put(Key.of("/left/" + number), text(value))
                .put(Key.of("/right/" + number), text(value))
                .build();
    }

    @Test
    void clientThatIsMovedToALaggingServerSeesNothingTwiceAndNothingOlder() {
        ZooKeeperServer follower = servers.follower();
        ZooKeeperServer other = servers.members().stream()
                .filter(member -> member != follower)
                .findFirst()
                .orElseThrow();
        try (TcpProxy current = TcpProxy.to(other.port());
                TcpProxy lagging = TcpProxy.to(follower.port())) {
            lagging.refuse();
            try (KvBackend writer = KvBackends.open("zookeeper://" + other.address() + "/lag?timeout=60s");
                    KvBackend moved = KvBackends.open("zookeeper://" + current.address() + "," + lagging.address()
                            + "/lag?timeout=60s&sessionTimeout=30s")) {
                result(writer.commit(pair(0, "first")));
                Collector collector = new Collector();
                moved.watch(Directory.ROOT, WatchStart.snapshot(), collector);
                follower.process().pause();
                for (int i = 0; i < 500; i++) {
                    result(writer.commit(pair(i % 20, "v" + i)));
                }
                Map<Key, KeyValue> truth = held(moved, ReadConsistency.LINEARIZABLE);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(collector.held()).isEqualTo(truth));
                lagging.accept();
                follower.process().resume();
                current.refuse();
                current.cut();
                assertThat(held(moved, ReadConsistency.SEQUENTIAL)).isEqualTo(truth);
                result(writer.commit(pair(3, "last")));
                Map<Key, KeyValue> end = held(moved, ReadConsistency.LINEARIZABLE);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(collector.held()).isEqualTo(end));
                assertThat(collector.faults()).isEmpty();
            }
        }
    }

    @Test
    void leaderThatIsKilledUnderLoadTakesNoAcknowledgedWriteWithIt() throws InterruptedException {
        ZooKeeperServer leader = servers.leader();
        Map<Key, String> acknowledged = new TreeMap<>();
        try (KvBackend handle = KvBackends.open("zookeeper://" + everyone() + "/kill?timeout=50s&sessionTimeout=50s")) {
            Collector collector = new Collector();
            handle.watch(Directory.ROOT, WatchStart.snapshot(), collector);
            Map<Integer, CompletableFuture<Commit>> sent = new TreeMap<>();
            Semaphore inFlight = new Semaphore(IN_FLIGHT);
            for (int i = 0; i < 3_000; i++) {
                inFlight.acquire();
                CompletableFuture<Commit> commit = handle.commit(pair(i, "v" + i));
                commit.whenComplete((done, failure) -> inFlight.release());
                sent.put(i, commit);
                if (i == 1_200) {
                    // While as many are under way as may be.
                    leader.process().kill();
                }
            }
            Set<Key> never = new TreeSet<>();
            sent.forEach((number, commit) -> {
                try {
                    result(commit);
                    acknowledged.put(Key.of("/left/" + number), "v" + number);
                } catch (KvException e) {
                    if (e.outcome() == Outcome.NOT_APPLIED) {
                        never.add(Key.of("/left/" + number));
                    }
                }
            });
            Map<Key, KeyValue> truth = held(handle, ReadConsistency.LINEARIZABLE);
            assertThat(acknowledged).hasSizeGreaterThan(3_000 - 2 * IN_FLIGHT);
            acknowledged.forEach((key, value) -> assertThat(truth.get(key))
                    .extracting(entry -> entry.value().utf8())
                    .isEqualTo(value));
            assertThat(truth).doesNotContainKeys(never.toArray(Key[]::new));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(collector.held()).isEqualTo(truth));
            assertThat(collector.faults()).isEmpty();
        } finally {
            leader.process().start();
        }
    }
}
