package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Connections break at random while much is written: nothing is lost, done twice or seen torn. */
class CutStormTest {
    private static final int PAIRS = 50;
    private static final int WRITES = 10_000;
    private static final int CUTS = 100;
    private static final int UNDER_WAY = 16;

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.alone(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void hundredCutsDuringTenThousandWritesLeaveAnExactStateAndOnlyWholeTransactions() throws InterruptedException {
        ScheduledExecutorService cutter = Executors.newScheduledThreadPool(2);
        try (TcpProxy writing = TcpProxy.to(server.port());
                TcpProxy watching = TcpProxy.to(server.port());
                KvBackend writer =
                        KvBackends.open("zookeeper://" + writing.address() + "/storm?timeout=50s&sessionTimeout=30s");
                KvBackend watcher = KvBackends.open(
                        "zookeeper://" + watching.address() + "/storm?timeout=50s&sessionTimeout=30s")) {
            Collector collector = new Collector();
            watcher.watch(Directory.ROOT, WatchStart.snapshot(), collector);
            AtomicInteger cuts = new AtomicInteger();
            AtomicBoolean done = new AtomicBoolean();
            Random random = KitSettings.fromEnvironment().random("cuts");
            cutAgainAndAgain(cutter, new Random(random.nextLong()), writing, writer, cuts, done);
            cutAgainAndAgain(cutter, new Random(random.nextLong()), watching, watcher, cuts, done);
            Map<Key, String> expected = write(writer, cuts);
            done.set(true);
            Map<Key, KeyValue> truth = new TreeMap<>();
            result(watcher.list(Directory.ROOT)).entries().forEach(entry -> truth.put(entry.key(), entry));
            Map<Key, String> texts = new TreeMap<>();
            truth.forEach((key, entry) -> texts.put(key, entry.value().utf8()));
            assertThat(texts).isEqualTo(expected);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(collector.held()).isEqualTo(truth));
            assertThat(collector.faults()).isEmpty();
        } finally {
            cutter.shutdownNow();
            assertThat(cutter.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void cutAgainAndAgain(
            ScheduledExecutorService cutter,
            Random random,
            TcpProxy proxy,
            KvBackend handle,
            AtomicInteger cuts,
            AtomicBoolean done) {
        cutter.schedule(
                () -> {
                    if (!done.get()) {
                        if (handle.connection().state() == ConnectionState.CONNECTED) {
                            proxy.cut();
                            cuts.incrementAndGet();
                        }
                        cutAgainAndAgain(cutter, random, proxy, handle, cuts, done);
                    }
                },
                100 + random.nextInt(300),
                TimeUnit.MILLISECONDS);
    }

    /** Both keys of a pair get the same number; what became of each transaction is known, or it would not be in the result. */
    private static Map<Key, String> write(KvBackend writer, AtomicInteger cuts) {
        Random random = KitSettings.fromEnvironment().random("writes");
        Map<Key, String> expected = new TreeMap<>();
        for (int i = 0; i < WRITES || cuts.get() < CUTS; ) {
            Map<Integer, Sent> underWay = new TreeMap<>();
            for (int j = 0; j < UNDER_WAY; j++) {
                int pair = random.nextInt(PAIRS);
                if (!underWay.containsKey(pair)) {
                    String value = "v" + i++;
                    underWay.put(pair, new Sent(value, writer.commit(pairOf(pair, value))));
                }
            }
            underWay.forEach((pair, sent) -> {
                try {
                    result(sent.future());
                    expected.put(left(pair), sent.value());
                    expected.put(right(pair), sent.value());
                } catch (KvException e) {
                    assertThat(e.outcome())
                            .as("what became of a write that failed with %s", e)
                            .isEqualTo(Outcome.NOT_APPLIED);
                    assertThat(result(writer.get(left(pair))).value())
                            .as("what is there after a write that says NOT_APPLIED")
                            .isNotEqualTo(java.util.Optional.of(text(sent.value())));
                }
            });
        }
        return expected;
    }

    private record Sent(String value, CompletableFuture<?> future) {}

    private static Txn pairOf(int pair, String value) {
        Bytes bytes = text(value);
        return Txn.builder().put(left(pair), bytes).put(right(pair), bytes).build();
    }

    private static Key left(int pair) {
        return Key.of("/left/" + pair);
    }

    private static Key right(int pair) {
        return Key.of("/right/" + pair);
    }
}
