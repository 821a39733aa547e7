package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Much, within the defaults of the server. */
class ScaleTest {
    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        // It is asked how many watches it keeps, which it does not tell by default.
        server = ZooKeeperServer.alone(false, "4lw.commands.whitelist=srvr,wchs");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void listOfAHundredThousandEntriesIsOneSnapshot() {
        try (KvBackend handle = KvBackends.open("zookeeper://" + server.address() + "/many?timeout=3m")) {
            List<CompletableFuture<?>> underWay = new ArrayList<>();
            for (int i = 0; i < 100_000; ) {
                Txn.Builder txn = Txn.builder();
                for (int j = 0; j < 50; j++, i++) {
                    txn.put(Key.of(String.format("/d/an-entry-with-a-name-%06d", i)), Bytes.copyOf(new byte[100]));
                }
                underWay.add(handle.commit(txn.build()));
                if (underWay.size() == 64) {
                    underWay.forEach(Await::result);
                    underWay.clear();
                }
            }
            underWay.forEach(Await::result);
            Snapshot list = result(handle.list(Directory.ROOT));
            assertThat(list.entries()).hasSize(100_000);
            assertThat(list.entries()).isSortedAccordingTo((a, b) -> a.key().compareTo(b.key()));
        }
    }

    /** A server counts the watches of a connection until it has noticed that the connection is broken. */
    private static void awaitWatches(int count) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.watches() == count);
    }

    /** An event for each write of anybody would cost more than the writes. */
    @Test
    void handleThatOnlyReadsAndWritesEntriesIsToldOfNothing() {
        awaitWatches(0);
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend handle = KvBackends.open("zookeeper://" + proxy.address() + "/entries?timeout=60s")) {
            Key key = Key.of("/e");
            long revision = result(handle.put(key, text("1"))).revision();
            result(handle.update(key, text("2"), revision));
            result(handle.get(key));
            assertThat(server.watches()).isZero();
            // The first to need events may come when there is no connection.
            proxy.cut();
            assertThat(result(handle.list(Directory.ROOT)).entries()).hasSize(1);
            awaitWatches(1);
            proxy.cut();
            result(handle.get(key));
            assertThat(result(handle.list(Directory.ROOT)).entries()).hasSize(1);
            awaitWatches(1);
        }
    }

    @Test
    void fiveThousandWatchesAreOneForTheServer() {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger begun = new AtomicInteger();
        WatchListener listener = new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                (signal instanceof Snapshot ? begun : told).incrementAndGet();
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                told.addAndGet(cause == null ? 0 : 1_000_000);
            }
        };
        try (KvBackend handle = KvBackends.open("zookeeper://" + server.address() + "/watches?timeout=60s")) {
            List<Watch> watches = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                watches.add(handle.watch(Directory.of("/d"), WatchStart.snapshot(), listener));
            }
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> begun.get() == 5_000);
            assertThat(server.watches()).isEqualTo(1);
            result(handle.put(Key.of("/d/k"), text("v")));
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> told.get() == 5_000);
            watches.forEach(Watch::close);
            Collector later = new Collector();
            handle.watch(Directory.of("/d"), WatchStart.snapshot(), later);
            long last = result(handle.put(Key.of("/d/k"), text("w"))).revision();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> later.revision() >= last);
            assertThat(told.get()).isEqualTo(5_000);
        }
    }
}
