package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.tck.server.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process with 128 MB of heap keeps a view of 100,000 nodes, whatever happens to them. */
public abstract class ManyNodesSuite {
    private static final Logger LOG = LoggerFactory.getLogger(ManyNodesSuite.class);
    private static final int NODES = 100_000;
    private static final int CHANGED = 10_000;
    private static final int ROUNDS = 3;
    private static final int GONE = 2_000;
    private static final int IN_A_TXN = 50;
    private static final int TXNS_UNDER_WAY = 16;
    private static final Directory PUMPS = Directory.of("/tidb-binlog/v1/pumps");

    /** The URL of an empty store on a real server, whose operations may take minutes. */
    protected abstract String newUrl();

    private static ServerProcess viewer(String url) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                ManyNodesViewer.class.getName(),
                url);
        Path log = Path.of("target", "servers", "viewer-" + System.nanoTime() + ".log");
        return new ServerProcess("viewer", command, Map.of(), log, () -> true);
    }

    private static Key pump(int i) {
        return PUMPS.key(String.format(Locale.ROOT, "pump-%06d.binlog.svc:8250", i));
    }

    private static Bytes status(int i, long score) {
        String id = pump(i).name();
        return NodeCodec.tidbBinlog()
                .encode(NodeStatus.builder(id, id)
                        .alive(true)
                        .score(score)
                        .updateTs(405_197_570_529_820_680L)
                        .build());
    }

    /** Writes what {@code value} says for each from {@code from} to {@code to}, or removes the node where that is null. */
    private static void write(KvBackend backend, int from, int to, IntFunction<@Nullable Bytes> value)
            throws InterruptedException {
        Deque<CompletableFuture<Commit>> underWay = new ArrayDeque<>();
        for (int i = from; i < to; i += IN_A_TXN) {
            Txn.Builder txn = Txn.builder();
            for (int j = i; j < i + IN_A_TXN; j++) {
                Bytes record = value.apply(j);
                if (record == null) {
                    txn.delete(pump(j));
                } else {
                    txn.put(pump(j), record);
                }
            }
            underWay.add(backend.commit(txn.build()));
            if (underWay.size() == TXNS_UNDER_WAY) {
                Futures.await(underWay.remove());
            }
        }
        while (!underWay.isEmpty()) {
            Futures.await(underWay.remove());
        }
    }

    private static String lastReport(KvBackend backend) throws InterruptedException {
        return Futures.await(backend.get(ManyNodesViewer.REPORT))
                .entry()
                .map(entry -> entry.value().utf8())
                .orElse("");
    }

    private static void awaitReport(KvBackend backend, ServerProcess viewer, long nodes, long scores) {
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofMinutes(6))
                .failFast(() -> assertThat(viewer.isAlive())
                        .as("whether the viewer lives; it says: %s", log(viewer))
                        .isTrue())
                .untilAsserted(
                        () -> assertThat(lastReport(backend)).startsWith(nodes + " nodes, scores " + scores + ","));
    }

    private static String log(ServerProcess viewer) throws IOException {
        return Files.readString(viewer.log());
    }

    @Test
    void viewOfAHundredThousandNodesFitsInASmallHeapAndStaysUpToDate() throws InterruptedException, IOException {
        String url = newUrl();
        try (KvBackend backend = KvBackends.open(url)) {
            long begun = System.nanoTime();
            write(backend, 0, NODES, i -> status(i, 1));
            long written = System.nanoTime();
            try (ServerProcess viewer = viewer(url).launch()) {
                awaitReport(backend, viewer, NODES, NODES);
                long seen = System.nanoTime();
                for (int round = 1; round <= ROUNDS; round++) {
                    long score = round + 1L;
                    write(backend, 0, CHANGED, i -> status(i, score));
                    awaitReport(backend, viewer, NODES, NODES + round * (long) CHANGED);
                }
                write(backend, NODES - GONE, NODES, i -> null);
                awaitReport(backend, viewer, NODES - GONE, NODES - GONE + ROUNDS * (long) CHANGED);
                write(backend, NODES - GONE, NODES, i -> status(i, 7));
                awaitReport(backend, viewer, NODES, NODES + 6L * GONE + ROUNDS * (long) CHANGED);
                assertThat(viewer.isAlive()).isTrue();
                assertThat(log(viewer)).doesNotContain("OutOfMemory");
                LOG.info(
                        "{}: {} nodes written in {} ms, seen in {} ms, {} changes in {} ms; at the end {}",
                        backend.name(),
                        NODES,
                        (written - begun) / 1_000_000,
                        (seen - written) / 1_000_000,
                        ROUNDS * CHANGED + 2 * GONE,
                        (System.nanoTime() - seen) / 1_000_000,
                        lastReport(backend));
            }
        }
    }
}
