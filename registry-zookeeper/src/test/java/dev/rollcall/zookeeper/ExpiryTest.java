package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server ends the session of a handle that is busy. */
class ExpiryTest {
    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.alone(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Txn pair(int number, String value) {
        return Txn.builder()
                .put(Key.of("/left/" + number), text(value))
                .put(Key.of("/right/" + number), text(value))
                .build();
    }

    @Test
    void expiredSessionIsReplacedWithoutLossRepeatOrStepBack() {
        try (ZooKeeperBackend handle = (ZooKeeperBackend)
                KvBackends.open("zookeeper://" + server.address() + "/expiry?timeout=60s&sessionTimeout=40s")) {
            Collector collector = new Collector();
            handle.watch(Directory.ROOT, WatchStart.snapshot(), collector);
            int unknown = 0;
            for (int i = 0; i < 1_500; i++) {
                if (i % 300 == 100) {
                    long session = handle.sessionId();
                    SessionThief.end(server.address(), session);
                }
                try {
                    result(handle.commit(
                            i % 7 == 0
                                    ? Txn.builder()
                                            .delete(Key.of("/left/" + i % 20))
                                            .delete(Key.of("/right/" + i % 20))
                                            .build()
                                    : pair(i % 20, "v" + i)));
                } catch (KvException e) {
                    unknown += e.outcome() == Outcome.UNKNOWN ? 1 : 0;
                }
            }
            assertThat(unknown).as("writes of which nothing is known").isLessThanOrEqualTo(5);
            Map<Key, KeyValue> truth = new TreeMap<>();
            result(handle.list(Directory.ROOT)).entries().forEach(entry -> truth.put(entry.key(), entry));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(collector.held()).isEqualTo(truth));
            assertThat(collector.faults()).isEmpty();
        }
    }
}
