package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operations that wait at the same time, because answers are held back meanwhile. */
class BatchingTest {
    private static final Directory DIR = Directory.of("/b");
    /** How many transactions may be under way before other writes have to wait. */
    private static final int UNDER_WAY = 2;

    private static ZooKeeperServer server;

    private TcpProxy proxy;
    private String url;
    private KvBackend backend;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.alone(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        proxy = TcpProxy.to(server.port());
        // A long session, since a connection that is silent for a part of its timeout is given up.
        url = "zookeeper://" + proxy.address() + "/batching" + System.nanoTime() + "?timeout=60s&sessionTimeout=40s";
        backend = KvBackends.open(url);
        // All at once: what is known of an entry is trusted for some seconds only.
        Stream.concat(
                        IntStream.range(0, 80).mapToObj(i -> backend.put(key(i), Bytes.ofUtf8("old"))),
                        IntStream.range(0, UNDER_WAY).mapToObj(i -> backend.put(underWay(i), Bytes.EMPTY)))
                .toList()
                .forEach(Await::result);
    }

    @AfterEach
    void close() {
        backend.close();
        proxy.close();
    }

    private static Key key(int i) {
        return DIR.key("k" + i);
    }

    private long put(int i, String value) {
        return result(backend.put(key(i), Bytes.ofUtf8(value))).revision();
    }

    private KeyValue entry(int i) {
        return result(backend.get(key(i))).entry().orElseThrow();
    }

    private static Key underWay(int i) {
        return Key.of("/under-way/" + i);
    }

    /**
     * Begins operations while no answer comes and as many transactions are under way as may be, so that all writes have to wait. A handle
     * takes operations in before it returns from their call, so they wait when the answers come.
     */
    private <T> List<CompletableFuture<T>> together(int count, IntFunction<CompletableFuture<T>> operation) {
        proxy.stall(Direction.REPLIES);
        for (int i = 0; i < UNDER_WAY; i++) {
            backend.put(underWay(i), Bytes.EMPTY);
        }
        List<CompletableFuture<T>> begun =
                new ArrayList<>(IntStream.range(0, count).mapToObj(operation).toList());
        proxy.flow();
        return begun;
    }

    @Test
    void writesThatWaitShareATransactionAndARevision() {
        List<CompletableFuture<Commit>> commits = together(80, i -> backend.put(key(i), Bytes.ofUtf8("new")));
        assertThat(commits.stream().map(commit -> result(commit).revision()).distinct())
                .hasSize(1);
        for (int i = 0; i < 80; i++) {
            long revision = result(commits.get(i)).revision();
            assertThat(entry(i).revision()).isEqualTo(revision);
        }
    }

    @Test
    void eachHasItsOwnTransactionWhereThatIsAskedFor() {
        backend.close();
        backend = KvBackends.open(url + "&batching=false");
        put(0, "connected");
        List<CompletableFuture<Commit>> commits = together(80, i -> backend.put(key(i), Bytes.ofUtf8("new")));
        assertThat(commits.stream().map(commit -> result(commit).revision())).doesNotHaveDuplicates();
    }

    @Test
    void writesOfOneKeyNeverShareARevision() {
        List<CompletableFuture<Commit>> commits =
                together(30, i -> backend.put(key(i % 3), Bytes.ofUtf8(Integer.toString(i))));
        for (int one = 0; one < 3; one++) {
            int of = one;
            List<Long> revisions = IntStream.range(0, 30)
                    .filter(i -> i % 3 == of)
                    .mapToObj(i -> result(commits.get(i)).revision())
                    .toList();
            assertThat(revisions).doesNotHaveDuplicates();
            assertThat(entry(one).revision())
                    .isEqualTo(
                            revisions.stream().mapToLong(Long::longValue).max().orElseThrow());
        }
    }

    @Test
    void oneThatIsRefusedDoesNotTakeItsNeighboursWithIt() {
        List<Long> revisions =
                IntStream.range(0, 40).mapToObj(i -> entry(i).revision()).toList();
        IntStream.range(0, 40).filter(i -> i % 7 == 3).forEach(i -> put(i, "overtaken"));
        List<CompletableFuture<Commit>> commits =
                together(40, i -> backend.update(key(i), Bytes.ofUtf8("new"), revisions.get(i)));
        for (int i = 0; i < 40; i++) {
            if (i % 7 == 3) {
                assertThat(failure(commits.get(i)))
                        .isInstanceOfSatisfying(
                                RevisionMismatchException.class,
                                mismatch ->
                                        assertThat(mismatch.actualRevision()).isPresent());
                assertThat(entry(i).value().utf8()).isEqualTo("overtaken");
            } else {
                long revision = result(commits.get(i)).revision();
                assertThat(entry(i).revision()).isEqualTo(revision);
            }
        }
    }

    /** These are not found out by a look, but by the server, which refuses all that share the transaction. */
    @Test
    void knownRevisionThatAnotherHandleHasOvertakenDoesNotTakeItsNeighboursWithIt() {
        List<Long> revisions =
                IntStream.range(0, 40).mapToObj(i -> put(i, "known")).toList();
        try (KvBackend other = KvBackends.open(url)) {
            IntStream.range(0, 40)
                    .filter(i -> i % 7 == 3)
                    .forEach(i -> result(other.put(key(i), Bytes.ofUtf8("overtaken"))));
        }
        List<CompletableFuture<Commit>> commits =
                together(40, i -> backend.update(key(i), Bytes.ofUtf8("new"), revisions.get(i)));
        for (int i = 0; i < 40; i++) {
            if (i % 7 == 3) {
                assertThat(failure(commits.get(i))).isInstanceOf(RevisionMismatchException.class);
                assertThat(entry(i).value().utf8()).isEqualTo("overtaken");
            } else {
                long revision = result(commits.get(i)).revision();
                assertThat(entry(i).revision()).isEqualTo(revision);
            }
        }
    }

    /** A put of a new key is refused if it is sent without a look; many at once must not be refused one by one. */
    @Test
    void newKeysThatArePutAtOnceShareTransactions() {
        result(backend.put(DIR.key("first"), Bytes.ofUtf8("new")));
        long before = result(backend.get(key(0))).revision();
        List<CompletableFuture<Commit>> commits =
                together(200, i -> backend.put(DIR.key("new" + i), Bytes.ofUtf8("new")));
        commits.forEach(Await::result);
        assertThat(result(backend.list(DIR)).entries()).hasSize(80 + 1 + 200);
        // What is refused is counted by ZooKeeper as well.
        assertThat(result(backend.get(key(0))).revision() - before).isLessThan(100);
    }

    @Test
    void createsPutsDeletesAndTransactionsRideTogether() {
        List<CompletableFuture<Commit>> commits = together(60, i -> switch (i % 5) {
            case 0 -> backend.create(DIR.key("new" + i), Bytes.ofUtf8("new"));
            case 1 -> backend.create(key(i), Bytes.ofUtf8("new"));
            case 2 -> backend.delete(key(i));
            case 3 ->
                backend.commit(Txn.builder()
                        .ifPresent(key(i))
                        .put(key(i), Bytes.ofUtf8("new"))
                        .put(DIR.key("deep/" + i), Bytes.ofUtf8("new"))
                        .build());
            default -> backend.put(key(i), Bytes.ofUtf8("new"));
        });
        for (int i = 0; i < 60; i++) {
            if (i % 5 == 1) {
                assertThat(failure(commits.get(i))).isInstanceOf(KeyExistsException.class);
                assertThat(entry(i).value().utf8()).isEqualTo("old");
            } else {
                result(commits.get(i));
            }
        }
        // 80 before, 12 created, 12 deleted, 12 in a directory of their own.
        assertThat(result(backend.list(DIR)).entries()).hasSize(80 + 12);
    }

    @Test
    void largeValuesAreReadAndWrittenAllTheSame() {
        Bytes large = Bytes.copyOf(new byte[300_000]);
        together(40, i -> backend.put(key(i), large)).forEach(Await::result);
        List<CompletableFuture<GetResult>> reads = together(160, i -> backend.get(key(i % 40)));
        reads.forEach(read -> assertThat(result(read).value()).hasValue(large));
    }

    @Test
    void whatWaitsWhenTheConnectionIsLostIsReadAndWrittenOnTheNext() {
        proxy.stall(Direction.REPLIES);
        List<CompletableFuture<GetResult>> reads =
                IntStream.range(0, 50).mapToObj(i -> backend.get(key(i))).toList();
        List<CompletableFuture<Commit>> writes = IntStream.range(0, 50)
                .mapToObj(i -> backend.put(key(i), Bytes.ofUtf8("new")))
                .toList();
        proxy.cut();
        proxy.flow();
        reads.forEach(read -> assertThat(result(read).isPresent()).isTrue());
        for (int i = 0; i < 50; i++) {
            // The connection that came after has settled what was sent, and the rest had not left; neither is written
            // twice.
            long revision = result(writes.get(i)).revision();
            assertThat(entry(i).value().utf8()).isEqualTo("new");
            assertThat(entry(i).revision()).isEqualTo(revision);
        }
    }
}
