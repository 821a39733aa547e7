package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.server.TcpProxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Watches whose connection breaks at the worst moments. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchResumeTest {
    private static final Directory DIR = Directory.of("/w");
    private static final AtomicInteger PREFIXES = new AtomicInteger();

    private EtcdServer server;
    private TcpProxy proxy;
    private KvBackend direct;
    private KvBackend broken;
    private String prefix;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        prefix = "/resume/" + PREFIXES.incrementAndGet();
        proxy = TcpProxy.to(server.port());
        direct = KvBackends.open("etcd://" + server.address() + prefix + "?timeout=60s");
        broken = KvBackends.open("etcd://" + proxy.address() + prefix);
    }

    @AfterEach
    void close() {
        direct.close();
        broken.close();
        proxy.close();
    }

    private long put(String name, String value) {
        return Await.result(direct.put(DIR.key(name), Bytes.ofUtf8(value))).revision();
    }

    @Test
    void cutRightAfterCreatedLosesAndRepeatsNothing() {
        AtomicInteger cuts = new AtomicInteger(3);
        proxy.tap(() -> new CreatedTap(cuts));
        // The connection that there is may have come before the tap.
        broken.close();
        broken = KvBackends.open("etcd://" + proxy.address() + prefix);
        long before = put("first", "0");
        List<Long> written = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            written.add(put("k" + i, "v"));
        }
        Observer observer = new Observer();
        try (Watch watch = broken.watch(DIR, WatchStart.history(before), observer)) {
            Await.until(() -> observer.changeRevisions().size() >= written.size());
            written.add(put("last", "v"));
            Await.until(() -> observer.changeRevisions().size() >= written.size());
            assertThat(watch.directory()).isEqualTo(DIR);
        }
        assertThat(cuts).hasValue(0);
        assertThat(observer.changeRevisions()).isEqualTo(written);
        assertThat(observer.breaches()).isEmpty();
    }

    @Test
    void idleWatchIsNotToldThePastAfterACut() {
        put("old", "1");
        Observer observer = new Observer();
        try (Watch watch = broken.watch(DIR, WatchStart.snapshot(), observer)) {
            Await.until(() -> observer.signals().size() == 1);
            for (int round = 0; round < 3; round++) {
                int connections = proxy.accepted();
                proxy.cut();
                Await.until(() -> proxy.accepted() > connections);
            }
            long last = put("new", "1");
            Await.until(() -> observer.revision() >= last);
            assertThat(observer.changeRevisions()).containsExactly(last);
            assertThat(watch.directory()).isEqualTo(DIR);
        }
    }

    @Test
    void hundredCutsDuringTenThousandWritesShowOnlyStatesThatWere() throws InterruptedException {
        Observer states = new Observer(WatchResumeTest::pairsAreEqual);
        Observer history = new Observer();
        Snapshot start = Await.result(direct.list(DIR));
        Watch one = broken.watch(DIR, WatchStart.snapshot(), states);
        Watch two = broken.watch(DIR, WatchStart.history(start.revision()), history);
        Random random = KitSettings.fromEnvironment().random("cuts");
        List<CompletableFuture<Long>> writes = new ArrayList<>();
        Semaphore inFlight = new Semaphore(64);
        int cuts = 0;
        // On, where the writes are quick and connections are not.
        for (int i = 0; i < 10_000 || (proxy.accepted() <= 10 && i < 200_000); i++) {
            inFlight.acquire();
            Bytes value = Bytes.ofUtf8("v" + i);
            int pair = random.nextInt(50);
            writes.add(direct.commit(Txn.builder()
                            .put(DIR.key("a/" + pair), value)
                            .put(DIR.key("b/" + pair), value)
                            .build())
                    .thenApply(commit -> commit.revision()));
            writes.get(i).whenComplete((revision, failure) -> inFlight.release());
            if (i % 100 == random.nextInt(100) || (i % 100 == 99 && cuts <= i / 100)) {
                cuts++;
                if (random.nextBoolean()) {
                    proxy.cut();
                } else {
                    proxy.cutAfter(dev.rollcall.tck.server.Direction.REPLIES, 1 + random.nextInt(5_000));
                }
            }
        }
        List<Long> revisions = writes.stream().map(Await::result).sorted().toList();
        long last = revisions.get(revisions.size() - 1);
        Await.until(() -> states.revision() >= last && history.revision() >= last);
        Snapshot end = Await.result(direct.list(DIR));
        assertThat(cuts).isGreaterThanOrEqualTo(100);
        assertThat(proxy.accepted()).isGreaterThan(10);
        assertThat(states.state().values()).containsExactlyElementsOf(end.entries());
        assertThat(history.state().values()).containsExactlyElementsOf(end.entries());
        assertThat(states.breaches()).isEmpty();
        assertThat(history.breaches()).isEmpty();
        // Writes that shared a request share a revision.
        assertThat(history.changeRevisions().stream().distinct())
                .containsExactlyElementsOf(revisions.stream().distinct().toList());
        assertThat(history.changeRevisions()).hasSize(2 * revisions.size());
        one.close();
        two.close();
    }

    private static void pairsAreEqual(Map<Key, KeyValue> state) {
        state.forEach((key, entry) -> {
            if (key.path().startsWith("/w/a/")) {
                KeyValue other = state.get(Key.of(key.path().replace("/a/", "/b/")));
                assertThat(other).as("the partner of %s", key).isNotNull();
                assertThat(other.value()).isEqualTo(entry.value());
                assertThat(other.revision()).isEqualTo(entry.revision());
            }
        });
    }

    @Test
    void compactionDuringACutBecomesAFreshSnapshotOrAnEnd() {
        put("a", "1");
        Observer states = new Observer();
        Observer after = new Observer();
        Observer history = new Observer();
        broken.watch(DIR, WatchStart.snapshot(), states);
        Await.until(() -> states.signals().size() == 1);
        long seen = states.revision();
        broken.watch(DIR, WatchStart.after(seen), after);
        broken.watch(DIR, WatchStart.history(seen), history);
        long live = put("b", "1");
        Await.until(() -> states.revision() == live && after.revision() == live && history.revision() == live);
        proxy.refuse();
        proxy.cut();
        put("a", "2");
        put("c", "1");
        long last = put("a", "3");
        server.admin().compact(last);
        proxy.accept();
        Await.until(() -> states.revision() >= last && after.hasEnded() && history.hasEnded());
        assertThat(states.signals()).filteredOn(Snapshot.class::isInstance).hasSize(2);
        assertThat(states.state().values())
                .containsExactlyElementsOf(Await.result(direct.list(DIR)).entries());
        assertThat(after.cause())
                .isInstanceOf(HistoryUnavailableException.class)
                .hasMessageContaining("" + live);
        assertThat(history.cause()).isInstanceOf(HistoryUnavailableException.class);
        assertThat(states.hasEnded()).isFalse();
    }

    @Test
    void historyLargerThanAMessageCatchesUpWithWholeRevisions() {
        long before = put("big/0", "");
        Bytes large = Bytes.copyOf(new byte[300_000]);
        List<Long> written = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Txn.Builder txn = Txn.builder();
            for (int j = 0; j < 3; j++) {
                txn.put(DIR.key("big/" + j), large);
            }
            written.add(Await.result(direct.commit(txn.build())).revision());
        }
        Observer history = new Observer();
        Observer states = new Observer();
        broken.watch(DIR, WatchStart.history(before), history);
        broken.watch(DIR, WatchStart.after(before), states);
        Await.until(() -> history.changeRevisions().size() >= 3 * written.size());
        assertThat(history.changeRevisions())
                .isEqualTo(written.stream()
                        .flatMap(revision -> Collections.nCopies(3, revision).stream())
                        .toList());
        assertThat(history.signals())
                .as("signals, each of whole revisions")
                .allMatch(signal -> ((Changes) signal).changes().size() % 3 == 0);
        Await.until(() -> states.revision() >= written.get(written.size() - 1));
        assertThat(states.state()).hasSize(3);
        assertThat(states.breaches()).isEmpty();
    }

    @Test
    void slowListenerOfHistoryGetsEveryRevisionOnce() {
        long before = put("big", "");
        Bytes large = Bytes.copyOf(new byte[250_000]);
        CountDownLatch go = new CountDownLatch(1);
        Observer history = new Observer(state -> awaitQuietly(go));
        broken.watch(DIR, WatchStart.history(before), history);
        List<Long> written = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            written.add(Await.result(direct.put(DIR.key("big"), large)).revision());
            if (i == 100) {
                go.countDown();
            }
        }
        Await.until(() -> history.changeRevisions().size() >= written.size());
        assertThat(history.changeRevisions()).isEqualTo(written);
        assertThat(history.breaches()).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
