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
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that was away for so long that the leader sends it everything instead of what it missed. */
@Timeout(300)
class SnapshotTest {
    private static final int KEYS = 20;
    /** The leader keeps the last five hundred changes at least, and its files must not stand in for more. */
    private static final int MISSED = 800;

    private static Map<Key, KeyValue> held(KvBackend handle) {
        Map<Key, KeyValue> held = new TreeMap<>();
        result(handle.list(Directory.ROOT)).entries().forEach(entry -> held.put(entry.key(), entry));
        return held;
    }

    /** Puts and deletes, and returns the last revision. */
    private static long write(KvBackend writer, int from, int count) {
        long revision = 0;
        for (int i = from; i < from + count; i++) {
            Key key = Key.of("/k" + i % KEYS);
            int number = i;
            revision = revisionOf(() -> number % 7 == 6 ? writer.delete(key) : writer.put(key, text(number)));
        }
        return revision;
    }

    /** What is in doubt, since the two that are left have lost each other for a moment, may be done twice here. */
    private static long revisionOf(Supplier<CompletableFuture<Commit>> write) {
        for (int i = 0; i < 20; i++) {
            try {
                return result(write.get()).revision();
            } catch (KvException e) {
                assertThat(e).isInstanceOf(UnavailableException.class);
            }
        }
        throw new AssertionError("The two that are left cannot write.");
    }

    @Test
    void watchAndReadsThroughAMemberThatWasReplacedByASnapshotNeverGoBack() throws IOException {
        ZooKeeperServers servers = ZooKeeperServers.ensemble(
                ZooKeeperServer.SERVERS_DIRECTORY,
                "zookeeper.snapCount=50",
                "zookeeper.commitLogCount=500",
                "zookeeper.snapshotSizeFactor=-1");
        try {
            ZooKeeperServer leader = servers.leader();
            ZooKeeperServer away = servers.members().stream()
                    .filter(member -> member != leader)
                    .findFirst()
                    .orElseThrow();
            try (KvBackend writer = KvBackends.open("zookeeper://" + leader.address() + "/snapshot?timeout=60s");
                    KvBackend through = KvBackends.open(
                            "zookeeper://" + away.address() + "/snapshot?timeout=60s&sessionTimeout=50s")) {
                // With i % 7 == 6 every key is deleted now and then; it must be there before.
                for (int i = 0; i < KEYS; i++) {
                    result(writer.put(Key.of("/k" + i), text("first")));
                }
                Collector collector = new Collector();
                through.watch(Directory.ROOT, WatchStart.snapshot(), collector);
                long seen = result(through.list(Directory.ROOT)).revision();
                away.process().kill();
                long last = write(writer, 0, MISSED);
                away.process().start();
                while (seen < last) {
                    long revision = result(through.list(Directory.ROOT, ReadConsistency.SEQUENTIAL))
                            .revision();
                    assertThat(revision).as("the revision of a later read").isGreaterThanOrEqualTo(seen);
                    seen = revision;
                }
                Map<Key, KeyValue> truth = held(writer);
                assertThat(held(through)).isEqualTo(truth);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(collector.held()).isEqualTo(truth));
                assertThat(collector.faults()).isEmpty();
            }
            assertThat(Files.readString(away.process().log()))
                    .as("what the member says about how it caught up")
                    .contains("Getting a snapshot from leader");
        } finally {
            servers.close();
        }
    }
}
