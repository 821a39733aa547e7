package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that has no room for more. */
@Timeout(300)
class NoSpaceTest {
    private static final Directory DIR = Directory.of("/d");
    private static final int QUOTA = 8 * 1024 * 1024;
    /** Many times the quota: etcd compares it with the size as of its last commit, which a slow disk delays, while puts go on. */
    private static final int ENOUGH = 1_000;

    private static final int TOGETHER = 30;
    private static final Bytes LARGE = Bytes.ofUtf8("x".repeat(400_000));

    private static Map<Key, Bytes> held(KvBackend backend) {
        return Await.result(backend.list(DIR)).entries().stream()
                .collect(Collectors.toMap(KeyValue::key, KeyValue::value, (one, other) -> one, TreeMap::new));
    }

    private static KvException refused(KvBackend backend, Key key) {
        try {
            Await.result(backend.put(key, LARGE));
        } catch (KvException e) {
            return e;
        }
        throw new AssertionError("There was room for '" + key + "'.");
    }

    @Test
    void nothingAcknowledgedIsLostForWantOfRoomAndItWorksAgainOnceThereIsSome() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest(), "--quota-backend-bytes=" + QUOTA);
                KvBackend backend = KvBackends.open("etcd://" + server.address() + "/full?timeout=60s")) {
            Observer observer = new Observer();
            backend.watch(DIR, WatchStart.snapshot(), observer);
            Map<Key, Bytes> acknowledged = new TreeMap<>();
            int tried = 0;
            KvException failure = null;
            while (failure == null) {
                assertThat(tried).as("large entries in a small store").isLessThan(ENOUGH);
                Key key = DIR.key("k" + tried);
                tried++;
                try {
                    Await.result(backend.put(key, LARGE));
                    acknowledged.put(key, LARGE);
                } catch (KvException e) {
                    failure = e;
                }
            }
            assertThat(failure).hasMessageContaining("space");
            assertThat(refused(backend, DIR.key("more"))).hasMessageContaining("space");
            // What was in doubt may be there or not.
            assertThat(held(backend)).containsAllEntriesOf(acknowledged);
            for (Key key : acknowledged.keySet()) {
                Await.result(backend.delete(key));
            }
            assertThat(held(backend)).doesNotContainKeys(acknowledged.keySet().toArray(new Key[0]));
            server.admin().makeRoom();
            long revision = Await.result(backend.put(DIR.key("again"), LARGE)).revision();
            assertThat(held(backend)).containsKey(DIR.key("again"));
            Await.until(() -> observer.revision() >= revision);
            assertThat(observer.breaches()).isEmpty();
        }
    }

    @Test
    void deletesGoThroughBesidePutsThatFindNoRoom() {
        try (EtcdServer server = EtcdServer.start(EtcdBinary.underTest(), "--quota-backend-bytes=" + QUOTA);
                TcpProxy proxy = TcpProxy.to(server.port());
                KvBackend backend = KvBackends.open("etcd://" + proxy.address() + "/beside?timeout=60s")) {
            for (int i = 0; i < TOGETHER; i++) {
                Await.result(backend.put(DIR.key("small" + i), Bytes.EMPTY));
            }
            int tried = 0;
            KvException full = null;
            while (full == null) {
                assertThat(tried).as("large entries in a small store").isLessThan(ENOUGH);
                try {
                    Await.result(backend.put(DIR.key("k" + tried++), LARGE));
                } catch (KvException e) {
                    full = e;
                }
            }
            // No answer comes until all wait, so that those that come later share a request.
            proxy.stall(Direction.REPLIES);
            List<CompletableFuture<Commit>> deletes = new ArrayList<>();
            List<CompletableFuture<Commit>> puts = new ArrayList<>();
            for (int i = 0; i < TOGETHER; i++) {
                puts.add(backend.put(DIR.key("new" + i), Bytes.EMPTY));
                deletes.add(backend.delete(DIR.key("small" + i)));
            }
            proxy.flow();
            deletes.forEach(Await::result);
            for (CompletableFuture<Commit> put : puts) {
                assertThatThrownBy(() -> Await.result(put))
                        .isInstanceOf(KvException.class)
                        .hasMessageContaining("space");
            }
            assertThat(held(backend).keySet()).noneMatch(key -> key.path().startsWith("/d/small"));
        }
    }
}
