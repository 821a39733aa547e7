package dev.rollcall.etcd;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.tck.history.Call;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.ReplayJudge;
import dev.rollcall.tck.history.Result;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Workload;
import dev.rollcall.tck.history.WorkloadOptions;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.TxnRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations that wait at the same time, because answers are held back meanwhile. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchingTest {
    private static final Directory DIR = Directory.of("/b");
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    /** How many requests for writes, and as many for reads, may be under way before others have to wait. */
    private static final int UNDER_WAY = 2;
    /** How many batches take nothing for granted after one that was wrong to do so. */
    private static final int WARY = 100;

    /** How many times a connection may be given up while all that is to be sent waits. */
    private static final int MOST_ROUNDS = 20;

    /** How many histories may pass in which, by chance, nothing shares a request. */
    private static final int MOST_HISTORIES = 20;

    private static final Pattern MARK = Pattern.compile("/mark/[0-9]+");

    /** Paths that have been found in requests on their way to the server. */
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    private final AtomicInteger marks = new AtomicInteger();
    private final AtomicInteger batches = new AtomicInteger();
    private EtcdServer server;
    private TcpProxy proxy;
    private String prefix;
    private KvBackend backend;

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
        prefix = "/batching/" + PREFIXES.incrementAndGet();
        proxy = TcpProxy.to(server.port());
        proxy.tap(() -> new RequestTap(() -> {}));
        backend = KvBackends.open("etcd://" + proxy.address() + prefix + "?timeout=60s");
        put("first", "1");
    }

    @AfterEach
    void close() {
        backend.close();
        proxy.close();
    }

    private long put(String name, String value) {
        return Await.result(backend.put(DIR.key(name), Bytes.ofUtf8(value))).revision();
    }

    private static Key key(int i) {
        return DIR.key("k" + i);
    }

    /**
     * Begins operations while no answer comes and as many requests are under way as may be, so that all of them have to wait, and lets the
     * answers come once all of them do.
     */
    private <T> List<CompletableFuture<T>> together(List<Supplier<CompletableFuture<T>>> operations) {
        proxy.stall(Direction.REPLIES);
        for (int i = 0; i < UNDER_WAY; i++) {
            awaitRequest(path -> backend.put(Key.of(path), Bytes.EMPTY));
            awaitRequest(path -> backend.get(Key.of(path)));
        }
        List<CompletableFuture<T>> begun = new ArrayList<>();
        operations.forEach(operation -> begun.add(operation.get()));
        // A list waits for nobody, and leaves after all that was begun before it has been taken in.
        awaitRequest(path -> backend.list(Directory.of(path)));
        proxy.flow();
        return begun;
    }

    /** Begins an operation with a path that nobody else uses, and waits until it is on its way. */
    private void awaitRequest(Consumer<String> operation) {
        String path = "/mark/" + marks.incrementAndGet();
        operation.accept(path);
        Await.until(() -> asked.contains(path));
    }

    private List<CompletableFuture<Commit>> puts(int count, Bytes value) {
        return together(IntStream.range(0, count)
                .<Supplier<CompletableFuture<Commit>>>mapToObj(i -> () -> backend.put(key(i), value))
                .toList());
    }

    private static long revisions(List<CompletableFuture<Commit>> commits) {
        return commits.stream()
                .map(commit -> Await.result(commit).revision())
                .distinct()
                .count();
    }

    /**
     * Such puts on a connection that has lasted meanwhile. One that is silent for more than a second is given up, as it may be on a busy machine, and what
     * waits is sent on the next one as it can be.
     */
    private List<CompletableFuture<Commit>> putsOfOneConnection(int count, Bytes value) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            int connections = proxy.accepted();
            List<CompletableFuture<Commit>> commits = puts(count, value);
            commits.forEach(Await::result);
            if (proxy.accepted() == connections) {
                return commits;
            }
        }
        throw new AssertionError("No connection has lasted in " + MOST_ROUNDS + " rounds.");
    }

    @Test
    void writesThatWaitShareARequestAndARevision() {
        List<CompletableFuture<Commit>> commits = putsOfOneConnection(80, Bytes.ofUtf8("x"));
        assertThat(revisions(commits)).isEqualTo(1);
        Await.result(backend.list(DIR)).entries().stream()
                .filter(entry -> entry.key().name().startsWith("k"))
                .forEach(entry -> assertThat(entry.revision())
                        .isEqualTo(Await.result(commits.get(
                                        Integer.parseInt(entry.key().name().substring(1))))
                                .revision()));
    }

    @Test
    void eachHasItsOwnRequestWhereThatIsAskedFor() {
        backend.close();
        backend = KvBackends.open("etcd://" + proxy.address() + prefix + "?timeout=60s&batching=false");
        put("first", "2");
        assertThat(revisions(puts(80, Bytes.ofUtf8("x")))).isEqualTo(80);
    }

    @Test
    void writesOfOneKeyNeverShareARevisionAndTheLastValueStays() {
        List<CompletableFuture<Commit>> commits = together(IntStream.range(0, 30)
                .<Supplier<CompletableFuture<Commit>>>mapToObj(
                        i -> () -> backend.put(key(i % 3), Bytes.ofUtf8(Integer.toString(i))))
                .toList());
        for (int one = 0; one < 3; one++) {
            int of = one;
            List<Long> revisions = IntStream.range(0, 30)
                    .filter(i -> i % 3 == of)
                    .mapToObj(i -> Await.result(commits.get(i)).revision())
                    .toList();
            assertThat(revisions).doesNotHaveDuplicates();
            assertThat(Await.result(backend.get(key(one))).entry().orElseThrow().revision())
                    .isEqualTo(
                            revisions.stream().mapToLong(Long::longValue).max().orElseThrow());
        }
    }

    @Test
    void eachKeepsItsOwnConditionsAndOutcome() {
        long revision = put("k0", "0");
        put("k1", "1");
        List<CompletableFuture<Commit>> commits = together(List.of(
                () -> backend.put(key(90), Bytes.ofUtf8("early")),
                () -> backend.put(key(91), Bytes.ofUtf8("early")),
                () -> backend.update(key(0), Bytes.ofUtf8("new"), revision),
                () -> backend.update(key(1), Bytes.ofUtf8("new"), revision),
                () -> backend.create(DIR.key("first"), Bytes.EMPTY),
                () -> backend.create(key(2), Bytes.ofUtf8("new")),
                () -> backend.commit(Txn.builder()
                        .ifAbsent(key(3))
                        .put(key(3), Bytes.ofUtf8("new"))
                        .put(key(4), Bytes.ofUtf8("new"))
                        .delete(key(5))
                        .build()),
                () -> backend.delete(key(6)).handle((commit, failure) -> new Commit(1))));
        Await.result(commits.get(2));
        assertThatThrownBy(() -> Await.result(commits.get(3)))
                .isInstanceOfSatisfying(
                        RevisionMismatchException.class,
                        failure -> assertThat(failure.actualRevision().orElse(0))
                                .isEqualTo(Await.result(backend.get(key(1)))
                                        .entry()
                                        .orElseThrow()
                                        .revision()));
        assertThatThrownBy(() -> Await.result(commits.get(4))).isInstanceOf(KeyExistsException.class);
        Await.result(commits.get(5));
        Await.result(commits.get(6));
        assertThat(value("k0")).isEqualTo("new");
        assertThat(value("k1")).isEqualTo("1");
        assertThat(value("first")).isEqualTo("1");
        assertThat(value("k2")).isEqualTo("new");
        assertThat(value("k3")).isEqualTo("new");
        assertThat(value("k4")).isEqualTo("new");
    }

    private String value(String name) {
        return Await.result(backend.get(DIR.key(name)))
                .entry()
                .orElseThrow()
                .value()
                .utf8();
    }

    @Test
    void aWriteThatTheStoreRefusesDoesNotTakeItsNeighboursWithIt() {
        Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(60)));
        List<Supplier<CompletableFuture<Commit>>> operations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Key key = key(i);
            operations.add(() -> i(key) % 10 == 7
                    ? backend.put(key, Bytes.ofUtf8("x"), lease)
                    : backend.put(key, Bytes.ofUtf8("x")));
        }
        // Behind the handle's back, so that it has to find out from the refusal.
        server.admin().revoke(lease.id());
        List<CompletableFuture<Commit>> commits = together(operations);
        for (int i = 0; i < 40; i++) {
            CompletableFuture<Commit> commit = commits.get(i);
            if (i % 10 == 7) {
                assertThatThrownBy(() -> Await.result(commit)).isInstanceOf(LeaseLostException.class);
            } else {
                Await.result(commit);
            }
        }
        assertThat(Await.result(backend.list(DIR)).entries()).hasSize(1 + 36);
    }

    /** A batch takes for granted that its keys have no lease, and has to find out that one of them has. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriteThatKeepsTheLeaseOfItsKeyDoesSoAmongOthers(boolean conditional) {
        try (KvBackend other = KvBackends.open("etcd://" + server.address() + prefix + "?timeout=60s")) {
            Lease lease = Await.result(other.grantLease(Duration.ofSeconds(60)));
            long revision = Await.result(other.put(key(7), Bytes.ofUtf8("theirs"), lease))
                    .revision();
            List<Supplier<CompletableFuture<Commit>>> writes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Key key = key(i);
                writes.add(() -> conditional && key.equals(key(7))
                        ? backend.update(key, Bytes.ofUtf8("ours"), revision)
                        : backend.put(key, Bytes.ofUtf8("ours")));
            }
            List<CompletableFuture<Commit>> commits = together(writes);
            commits.forEach(Await::result);
            for (int i = 0; i < 40; i++) {
                KeyValue entry = Await.result(backend.get(key(i))).entry().orElseThrow();
                assertThat(entry.value()).isEqualTo(Bytes.ofUtf8("ours"));
                assertThat(entry.leased()).as("%s has a lease", entry.key()).isEqualTo(i == 7);
                assertThat(entry.revision())
                        .isEqualTo(Await.result(commits.get(i)).revision());
            }
            assertThat(server.admin().entries(prefix))
                    .filteredOn(entry -> entry.getLease() == 0)
                    .as("each is written once")
                    .allMatch(entry -> entry.getVersion() == 1);
        }
        assertThat(revisions(putsOfOneConnection(40, Bytes.ofUtf8("later")))).isEqualTo(1);
    }

    @Test
    void aBatchTakesNothingForGrantedForAWhileAfterItWasWrong() {
        try (KvBackend other = KvBackends.open("etcd://" + server.address() + prefix + "?timeout=60s")) {
            // A connection that is given up takes with it what has been counted.
            boolean lasted = false;
            for (int round = 0; !lasted && round < MOST_ROUNDS; round++) {
                lasted = isWaryFor(WARY, other);
            }
            assertThat(lasted).as("whether a connection has lasted").isTrue();
        }
    }

    /** Returns false if nothing can be said, since the connection has not lasted. */
    private boolean isWaryFor(int count, KvBackend other) {
        Lease lease = Await.result(other.grantLease(Duration.ofSeconds(60)));
        Await.result(other.put(key(7), Bytes.ofUtf8("theirs"), lease));
        AtomicInteger direct = new AtomicInteger();
        openWithTap(direct::incrementAndGet);
        int connections = proxy.accepted();
        puts(20, Bytes.ofUtf8("wrong")).forEach(Await::result);
        int wrong = direct.get();
        Await.result(other.delete(key(7)));
        // Of the request that was wrong, what it asked was asked again.
        int first = batches.get() - 1;
        while (direct.get() == 1 && batches.get() < first + 2 * count && proxy.accepted() == connections) {
            puts(20, Bytes.ofUtf8("later")).forEach(Await::result);
        }
        if (proxy.accepted() != connections) {
            return false;
        }
        assertThat(wrong).isEqualTo(1);
        assertThat(batches.get() - first).isEqualTo(count + 1);
        return true;
    }

    /** Opens the handle again, and calls {@code seen} for each batch that takes for granted that its keys have no lease. */
    private void openWithTap(Runnable seen) {
        backend.close();
        proxy.tap(() -> new RequestTap(seen));
        backend = KvBackends.open("etcd://" + proxy.address() + prefix + "?timeout=60s");
        put("first", "2");
    }

    /** The answer that a batch has changed nothing may come when its member has been given up meanwhile. */
    @Test
    void writesThatHaveToGoAgainFindAnotherConnection() {
        try (KvBackend other = KvBackends.open("etcd://" + server.address() + prefix + "?timeout=60s")) {
            Lease lease = Await.result(other.grantLease(Duration.ofSeconds(60)));
            Await.result(other.put(key(7), Bytes.ofUtf8("theirs"), lease));
            AtomicBoolean held = new AtomicBoolean();
            openWithTap(() -> {
                if (held.compareAndSet(false, true)) {
                    proxy.stall(Direction.REPLIES);
                }
            });
            int connections = proxy.accepted();
            List<CompletableFuture<Commit>> commits = puts(40, Bytes.ofUtf8("ours"));
            Await.until(() -> proxy.accepted() > connections);
            proxy.flow();
            commits.forEach(Await::result);
            assertThat(held).isTrue();
            assertThat(Await.result(backend.get(key(7))).entry().orElseThrow().leased())
                    .isTrue();
        }
    }

    /** Looks at requests on their way to the server, and sees a batch that takes something for granted before the server does. */
    private final class RequestTap implements Tap {
        private final Http2Frames frames = new Http2Frames(Http2Frames.CLIENT_PREFACE);
        private final Runnable seen;

        RequestTap(Runnable seen) {
            this.seen = seen;
        }

        @Override
        public Verdict see(Direction direction, byte[] bytes, int length) {
            return direction == Direction.REPLIES
                    ? Verdict.PASS
                    : frames.feed(bytes, length, (type, stream, payload) -> {
                        if (type == Http2Frames.DATA && payload.length > 0) {
                            look(Http2Frames.message(payload));
                        }
                        return Verdict.PASS;
                    });
        }

        private void look(byte[] message) {
            Matcher mark = MARK.matcher(new String(message, StandardCharsets.ISO_8859_1));
            if (mark.find()) {
                asked.add(mark.group());
            }
            try {
                TxnRequest txn = TxnRequest.parseFrom(message);
                if (txn.getSuccessCount() > 1) {
                    batches.incrementAndGet();
                }
                if (txn.getCompareCount() > 1 && txn.getSuccessCount() > 1) {
                    seen.run();
                }
            } catch (InvalidProtocolBufferException e) {
                // Another kind of request.
                return;
            }
        }
    }

    @Test
    void aFailedConditionAmongShortcutsFailsAlone() {
        long revision = put("k20", "0");
        put("k21", "1");
        List<CompletableFuture<Commit>> commits = together(IntStream.range(0, 40)
                .<Supplier<CompletableFuture<Commit>>>mapToObj(i -> () -> i == 20 || i == 21
                        ? backend.update(key(i), Bytes.ofUtf8("new"), revision)
                        : backend.put(key(i), Bytes.ofUtf8("new")))
                .toList());
        assertThatThrownBy(() -> Await.result(commits.remove(21))).isInstanceOf(RevisionMismatchException.class);
        commits.forEach(Await::result);
        assertThat(Await.result(backend.list(DIR)).entries())
                .filteredOn(entry -> entry.value().equals(Bytes.ofUtf8("new")))
                .hasSize(39);
    }

    private static int i(Key key) {
        return Integer.parseInt(key.name().substring(1));
    }

    @Test
    void largeValuesThatWouldNotFitIntoOneAnswerAreReadAllTheSame() {
        Bytes large = Bytes.copyOf(new byte[500_000]);
        for (int i = 0; i < 60; i++) {
            Await.result(backend.put(key(i), large));
        }
        List<CompletableFuture<GetResult>> reads = together(IntStream.range(0, 60)
                .<Supplier<CompletableFuture<GetResult>>>mapToObj(i -> () -> backend.get(key(i)))
                .toList());
        reads.forEach(read ->
                assertThat(Await.result(read).entry().orElseThrow().value()).isEqualTo(large));
    }

    @Test
    void largeValuesThatWouldNotFitIntoOneRequestAreWrittenAllTheSame() {
        Bytes large = Bytes.copyOf(new byte[400_000]);
        puts(12, large).forEach(Await::result);
        assertThat(Await.result(backend.list(DIR)).entries()).hasSize(1 + 12);
    }

    @Test
    void whatWaitsWhenTheConnectionIsLostFindsAnother() {
        proxy.stall(Direction.REPLIES);
        List<CompletableFuture<GetResult>> reads = IntStream.range(0, 50)
                .mapToObj(i -> backend.get(DIR.key("first")))
                .toList();
        proxy.cut();
        proxy.flow();
        reads.forEach(read -> assertThat(
                        Await.result(read).entry().orElseThrow().value().utf8())
                .isEqualTo("1"));
    }

    @Test
    void historyOfWhatSharesRequestsHolds() throws InterruptedException {
        boolean shared = false;
        for (int seed = 1; !shared && seed <= MOST_HISTORIES; seed++) {
            History history = Workload.MIXED.run(
                    List.of(backend),
                    DIR.directory("judged-" + seed),
                    WorkloadOptions.of(seed).sized(9, 12, 40));
            Verdict verdict = new ReplayJudge().judge(history);
            assertThat(verdict.kind()).as("%s", verdict).isNotEqualTo(Verdict.Kind.VIOLATION);
            shared = verdict.isOk() && anyShared(history);
        }
        assertThat(shared)
                .as("whether commits shared a revision in one of %d histories", MOST_HISTORIES)
                .isTrue();
    }

    private static boolean anyShared(History history) {
        Map<Long, Long> commits = history.operations().stream()
                .filter(operation -> operation.call() instanceof Call.Commit commit
                        && commit.writes().stream().anyMatch(write -> !write.isDelete())
                        && operation.result() instanceof Result.Committed)
                .collect(groupingBy(operation -> ((Result.Committed) operation.result()).revision(), counting()));
        return commits.values().stream().anyMatch(count -> count > 1);
    }
}
