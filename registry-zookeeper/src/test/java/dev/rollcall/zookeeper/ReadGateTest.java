package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.zookeeper.KeeperException.Code;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much a session asks for at a time, whoever asks: large values come unannounced. */
class ReadGateTest {
    private static final int MOST_NODES = (int) (NodeSizes.MOST_BYTES / NodeSizes.LEAST_BYTES);
    private static final int VALUE_BYTES = NodeSizes.LEAST_BYTES;
    private static final int DIRECTORIES = 20;
    private static final int ENTRIES = 24;

    private final ScriptedServer server = new ScriptedServer("/r");
    private KvBackend handle;

    @BeforeEach
    void open() throws InterruptedException {
        String heavy = "x".repeat(VALUE_BYTES);
        for (int i = 0; i < DIRECTORIES; i++) {
            server.put("/r/heavy" + i, "");
            for (int j = 0; j < ENTRIES; j++) {
                server.put("/r/heavy" + i + "/" + j, heavy);
            }
        }
        server.put("/r/light", "");
        for (int i = 0; i < 300; i++) {
            server.put("/r/light/" + i, "");
        }
        handle = server.handle("zookeeper://scripted/r?timeout=10m");
        server.connect();
        // All that the handle knows of values is that they are light.
        CompletableFuture<Snapshot> light = handle.list(Directory.of("/light"));
        server.answerAll();
        assertThat(result(light).entries()).hasSize(300);
    }

    @AfterEach
    void close() {
        handle.close();
    }

    /** Answers one request after the other, and returns the largest number of large values that were asked for at a time. */
    private int answerAll() {
        int most = 0;
        while (!server.underWay().isEmpty()) {
            int nodes = (int) server.underWay().stream()
                    .flatMap(request -> Arrays.stream(request.split(" ")))
                    .filter(path -> path.matches("/r/heavy\\d+/\\d+"))
                    .count();
            most = Math.max(most, nodes);
            server.answerNext();
        }
        return most;
    }

    private List<CompletableFuture<?>> readAll(ReadConsistency consistency) {
        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int i = 0; i < DIRECTORIES; i++) {
            for (int j = 0; j < ENTRIES; j++) {
                reads.add(handle.get(Key.of("/heavy" + i + "/" + j), consistency));
            }
        }
        return reads;
    }

    @Test
    void listBeginsWithFewNodesWhateverOthersWeighed() {
        CompletableFuture<Snapshot> list = handle.list(Directory.ROOT);
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        assertThat(result(list).entries()).hasSize(DIRECTORIES * (ENTRIES + 1) + 301);
    }

    @Test
    void listsAtOnceShareOneBound() {
        List<CompletableFuture<Snapshot>> lists = IntStream.range(0, DIRECTORIES)
                .mapToObj(i -> handle.list(Directory.of("/heavy" + i)))
                .toList();
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        lists.forEach(list -> assertThat(result(list).entries()).hasSize(ENTRIES));
    }

    @ParameterizedTest
    @EnumSource(ReadConsistency.class)
    void readsOfSingleKeysShareIt(ReadConsistency consistency) {
        List<CompletableFuture<?>> reads = readAll(consistency);
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        reads.forEach(Await::result);
    }

    @Test
    void watchesThatBeginAndThatCatchUpShareIt() throws InterruptedException {
        List<Collector> watching = new ArrayList<>();
        for (int i = 0; i < DIRECTORIES; i++) {
            Collector collector = new Collector();
            handle.watch(Directory.of("/heavy" + i), WatchStart.snapshot(), collector);
            watching.add(collector);
        }
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        server.disconnect();
        server.connect();
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        for (Collector collector : watching) {
            Awaitility.await().until(() -> collector.held().size() == ENTRIES);
        }
    }

    @ParameterizedTest
    @EnumSource(ReadConsistency.class)
    void readsThatWaitForRoomAreMadeOnTheNextConnection(ReadConsistency consistency) throws InterruptedException {
        List<CompletableFuture<?>> reads = readAll(consistency);
        server.disconnect();
        server.connect();
        assertThat(answerAll()).isLessThanOrEqualTo(MOST_NODES);
        reads.forEach(Await::result);
    }

    private static List<String> paths(int count) {
        return Collections.nCopies(count, "/n");
    }

    /** Light replies in between do not make them forgotten. */
    @ParameterizedTest
    @EnumSource(ReadConsistency.class)
    void largeValuesThatWereReadBeforeCountForWhatTheyWeigh(ReadConsistency consistency) {
        int count = 64;
        String value = "x".repeat(512 << 10);
        server.put("/r/large", "");
        for (int i = 0; i < count; i++) {
            server.put("/r/large/" + i, value);
        }
        CompletableFuture<Snapshot> list = handle.list(Directory.of("/large"));
        server.answerAll();
        assertThat(result(list).entries()).hasSize(count);
        for (int i = 0; i < 30; i++) {
            handle.get(Key.of("/light/" + i), consistency);
            server.answerAll();
        }
        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reads.add(handle.get(Key.of("/large/" + i), consistency));
        }
        int most = 0;
        while (!server.underWay().isEmpty()) {
            int nodes = (int) server.underWay().stream()
                    .flatMap(request -> Arrays.stream(request.split(" ")))
                    .filter(path -> path.startsWith("/r/large/"))
                    .count();
            most = Math.max(most, nodes);
            server.answerNext();
        }
        assertThat((long) most * value.length()).isLessThanOrEqualTo(NodeSizes.MOST_BYTES);
        reads.forEach(Await::result);
    }

    /** Between two connections they may all be answered at once: not one inside the other. */
    @Test
    void manyThatAreAnsweredAtOnceNeedNoDeepStack() {
        ReadGate gate = new ReadGate(new NodeSizes());
        List<Consumer<Reply>> first = new ArrayList<>();
        gate.enter(paths(MOST_NODES), reply -> {}, first::add);
        int count = 100_000;
        List<Integer> answered = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            gate.enter(paths(1), reply -> answered.add(number), told -> told.accept(Reply.unsent(Code.CONNECTIONLOSS)));
        }
        assertThat(answered).isEmpty();
        first.get(0).accept(Reply.unsent(Code.CONNECTIONLOSS));
        assertThat(answered).hasSize(count).isSorted();
    }

    @Test
    void readThatIsLargerThanAllTheRoomIsMadeByItself() {
        ReadGate gate = new ReadGate(new NodeSizes());
        List<Consumer<Reply>> sent = new ArrayList<>();
        gate.enter(paths(1), reply -> {}, sent::add);
        gate.enter(paths(2 * MOST_NODES), reply -> {}, sent::add);
        gate.enter(paths(1), reply -> {}, sent::add);
        assertThat(sent).hasSize(1);
        sent.get(0).accept(Reply.unsent(Code.CONNECTIONLOSS));
        assertThat(sent).hasSize(2);
        sent.get(1).accept(Reply.unsent(Code.CONNECTIONLOSS));
        assertThat(sent).hasSize(3);
    }

    /** An answer that cannot be handled ends its session; what waits behind it is told by that, and needs its turn. */
    @Test
    void answerThatFailsMakesRoomAsWell() {
        ReadGate gate = new ReadGate(new NodeSizes());
        List<Consumer<Reply>> sent = new ArrayList<>();
        gate.enter(
                paths(MOST_NODES),
                reply -> {
                    throw new OutOfMemoryError("made up by a test");
                },
                sent::add);
        gate.enter(paths(1), reply -> {}, sent::add);
        assertThatThrownBy(() -> sent.get(0).accept(Reply.unsent(Code.CONNECTIONLOSS)))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(sent).hasSize(2);
    }
}
