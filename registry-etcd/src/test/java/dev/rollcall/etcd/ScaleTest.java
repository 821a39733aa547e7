package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
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
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Much of everything. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScaleTest {
    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Test
    void fiveThousandWatchesShareAConnectionAndFindAnother() {
        int count = 5_000;
        AtomicInteger told = new AtomicInteger();
        AtomicInteger open = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        WatchListener listener = new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                (signal instanceof Snapshot ? open : told).incrementAndGet();
            }

            @Override
            public void onEnd(dev.rollcall.kv.@Nullable KvException cause) {
                ended.incrementAndGet();
            }
        };
        try (TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/watches?timeout=60s");
                KvBackend other = KvBackends.open("etcd://" + server.address() + "/watches?timeout=60s")) {
            List<Watch> watches = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                watches.add(backend.watch(Directory.of("/d/" + i % 100), WatchStart.snapshot(), listener));
            }
            Await.until(() -> open.get() == count);
            // Each asks for its own snapshot and stands at the server by itself; that they share a connection is what
            // makes it quick.
            assertThat(proxy.accepted()).isEqualTo(1);
            Txn.Builder txn = Txn.builder();
            IntStream.range(0, 50).forEach(i -> txn.put(Key.of("/d/" + i + "/k"), Bytes.EMPTY));
            Await.result(backend.commit(txn.build()));
            Await.until(() -> told.get() == count / 2);
            proxy.cut();
            // By another handle, since a write that is sent just before its own connection's loss is noticed may remain
            // in doubt.
            Await.result(other.put(Key.of("/d/99/k"), Bytes.EMPTY));
            Await.until(() -> told.get() == count / 2 + count / 100);
            assertThat(proxy.accepted()).isLessThan(10);
            watches.forEach(Watch::close);
            Await.until(() -> ended.get() == count);
        }
    }

    @Test
    void listOfAHundredThousandEntriesIsOneCut() throws InterruptedException {
        int count = 100_000;
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/many?timeout=3m")) {
            Directory directory = Directory.of("/l");
            Semaphore inFlight = new Semaphore(16);
            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 0; i < count; i += 50) {
                Txn.Builder txn = Txn.builder();
                for (int j = i; j < i + 50; j++) {
                    txn.put(directory.key(String.format(Locale.ROOT, "k%06d", j)), Bytes.ofUtf8("value-" + j));
                }
                inFlight.acquire();
                CompletableFuture<?> write = backend.commit(txn.build());
                write.whenComplete((done, failure) -> inFlight.release());
                writes.add(write);
            }
            writes.forEach(Await::result);
            CompletableFuture<Snapshot> listing = backend.list(directory);
            Await.result(backend.delete(directory.key("k099999")));
            Snapshot list = Await.result(listing);
            assertThat(list.size()).isGreaterThanOrEqualTo(count - 1);
            assertThat(list.entries()).extracting(KeyValue::key).isSorted();
            assertThat(list.entries()).allMatch(entry -> entry.revision() <= list.revision());
            assertThat(Await.result(backend.keys(directory)).keys()).hasSize(count - 1);
            // History that is compacted while pages are read makes the list begin again, and nothing else.
            CompletableFuture<Snapshot> overtaken = backend.list(directory);
            for (int i = 0; i < 5; i++) {
                server.admin().compact(server.admin().put("/many/l/k000000", "" + i));
            }
            assertThat(Await.result(overtaken).size()).isEqualTo(count - 1);
        }
    }

    @Test
    void listOfFortyMegabytesSucceeds() {
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/large?timeout=60s")) {
            Directory directory = Directory.of("/l");
            byte[] large = new byte[512 * 1024];
            for (int i = 0; i < 100; i++) {
                Await.result(backend.put(directory.key("small-" + i), Bytes.EMPTY));
            }
            for (int i = 0; i < 80; i++) {
                large[0] = (byte) i;
                Await.result(backend.put(directory.key("x" + (1000 + i)), Bytes.copyOf(large)));
            }
            Snapshot list = Await.result(backend.list(directory));
            assertThat(list.size()).isEqualTo(180);
            assertThat(list.entries().stream()
                            .mapToLong(entry -> entry.value().size())
                            .sum())
                    .isEqualTo(80L * 512 * 1024);
        }
    }

    @Test
    void largeUnconditionalPutsOfOneTransactionKeepTheLeasesOfTheirKeys() {
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/txn?timeout=60s")) {
            Directory directory = Directory.of("/t");
            dev.rollcall.kv.Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
            Await.result(backend.put(directory.key("leased"), Bytes.EMPTY, lease));
            Bytes large = Bytes.copyOf(new byte[220 * 1024]);
            Txn.Builder txn = Txn.builder();
            List.of("a", "b", "c", "leased").forEach(name -> txn.put(directory.key(name), large));
            for (int round = 0; round < 2; round++) {
                long revision = Await.result(backend.commit(txn.build())).revision();
                Snapshot list = Await.result(backend.list(directory));
                assertThat(list.entries())
                        .hasSize(4)
                        .allMatch(entry -> entry.revision() == revision)
                        .allMatch(entry -> entry.value().equals(large))
                        .allMatch(entry -> entry.leased() == entry.key().name().equals("leased"));
            }
        }
    }

    @Test
    void dataLiesInEtcdExactlyAsGiven() {
        try (KvBackend backend = KvBackends.open("etcd://" + server.address() + "/tidb-binlog/v1?timeout=60s")) {
            Key pump = Key.of("/pumps/host:8250");
            Await.result(backend.put(pump, Bytes.ofUtf8("{\"nodeId\":\"host:8250\"}")));
            assertThat(server.admin().entries("/tidb-binlog/v1/pumps/"))
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.getKey().toStringUtf8()).isEqualTo("/tidb-binlog/v1/pumps/host:8250");
                        assertThat(entry.getValue().toStringUtf8()).isEqualTo("{\"nodeId\":\"host:8250\"}");
                    });
            long revision = server.admin().put("/tidb-binlog/v1/pumps/other", "x");
            server.admin().put("/tidb-binlog/v1/pumps//not/a/key", "x");
            server.admin().put("/tidb-binlog/v10/pumps/beside", "x");
            Snapshot list = Await.result(backend.list(Directory.of("/pumps")));
            assertThat(list.entries())
                    .extracting(entry -> entry.key().path())
                    .containsExactly("/pumps/host:8250", "/pumps/other");
            assertThat(list.entries().get(1).revision()).isEqualTo(revision);
        }
    }
}
