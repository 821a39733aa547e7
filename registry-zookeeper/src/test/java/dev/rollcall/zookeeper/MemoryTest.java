package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchStart;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.jute.InputArchive;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is read is more than there is memory for: whoever waits for it is told, and nobody else is harmed. */
class MemoryTest {
    private static final Directory LARGE = Directory.of("/large");
    private static final Directory SMALL = Directory.of("/small");
    private static final String NODE = "/r/large/k";

    private final ScriptedServer server = new ScriptedServer("/r", "/r/large", "/r/small");
    private KvBackend handle;

    @BeforeEach
    void connect() throws InterruptedException {
        server.put(NODE, "v");
        server.put("/r/small/k", "v");
        handle = server.handle("zookeeper://scripted/r?timeout=10m");
        server.connect();
    }

    @AfterEach
    void close() {
        handle.close();
    }

    private static void assertNamesMemory(KvException failure) {
        assertThat(failure)
                .hasMessageContaining("memory")
                .extracting(KvException::outcome, KvException::isRetryable)
                .containsExactly(Outcome.NOT_APPLIED, false);
    }

    private Collector watch(Directory directory) {
        Collector collector = new Collector();
        handle.watch(directory, WatchStart.snapshot(), collector);
        return collector;
    }

    private static void awaitEnd(Collector collector) {
        await().atMost(Duration.ofSeconds(60)).until(() -> collector.cause() != null);
        assertNamesMemory(requireNonNull(collector.cause()));
    }

    private static void awaitValue(Collector collector, String value) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> collector.held().values().stream()
                        .anyMatch(entry -> entry.value().utf8().equals(value)));
        assertThat(collector.cause()).isNull();
    }

    @Test
    void listFailsAtOnceAndTheNextOneIsRead() {
        server.exhaust(NODE, true);
        CompletableFuture<Snapshot> list = handle.list(LARGE);
        server.answerAll();
        assertNamesMemory(failure(list));
        server.exhaust(NODE, false);
        CompletableFuture<Snapshot> next = handle.list(LARGE);
        server.answerAll();
        assertThat(result(next).entries()).hasSize(1);
    }

    /** The result comes from another place then. */
    @Test
    void listOfADirectoryThatChangesMeanwhileFailsAtOnceAsWell() {
        CompletableFuture<Snapshot> list = handle.list(LARGE);
        server.answer("watch /r");
        server.answer("/r");
        server.answer("!");
        server.answer("/r/large/*");
        server.exhaust(NODE, true);
        server.put(NODE, "changed");
        server.answerAll();
        assertNamesMemory(failure(list));
    }

    /** Only so many begin at a time. */
    @Test
    void watchesThatCannotBeginEndAndLeaveRoomForOthers() {
        server.exhaust(NODE, true);
        List<Collector> watches = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            watches.add(watch(LARGE));
        }
        server.answerAll();
        watches.forEach(MemoryTest::awaitEnd);
        server.exhaust(NODE, false);
        Collector next = watch(LARGE);
        server.answerAll();
        awaitValue(next, "v");
    }

    @Test
    void watchThatCannotCatchUpEndsAndTheOthersGoOn() throws InterruptedException {
        Collector large = watch(LARGE);
        Collector small = watch(SMALL);
        server.answerAll();
        awaitValue(large, "v");
        awaitValue(small, "v");
        server.disconnect();
        server.exhaust(NODE, true);
        server.connect();
        server.answerAll();
        awaitEnd(large);
        server.put("/r/small/k", "later");
        server.answerAll();
        awaitValue(small, "later");
    }

    /** What was read is known by then, so it would never be told again. */
    @Test
    void watchThatCannotBeToldOfAChangeEnds() {
        Collector large = watch(LARGE);
        server.answerAll();
        awaitValue(large, "v");
        server.exhaust(NODE, true);
        server.put(NODE, "changed");
        server.answerAll();
        awaitEnd(large);
    }

    @Test
    void listWhoseConnectionsBreakPausesLongerAndLongerAndSaysWhatItMayBe() throws InterruptedException {
        CompletableFuture<Snapshot> list = handle.list(LARGE);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            while (!server.underWay().contains("/r/large/*")) {
                server.answerNext();
            }
            server.disconnect();
            pauses.add(server.clock.delays().get(server.clock.delays().size() - 1));
            server.connect();
            server.clock.runLatest();
        }
        assertThat(pauses).isSorted().startsWith(Duration.ofMillis(10)).endsWith(Duration.ofSeconds(1));
        server.clock.pass(Duration.ofMinutes(10));
        assertThat(failure(list)).hasMessageContaining("broke 8 times").hasMessageContaining("memory");
    }

    /** ZooKeeper's client reads it on the thread that sends, and takes whatever is thrown there for the end of a connection. */
    @Test
    void replyThatThereIsNoMemoryForDoesNotEndTheConnection() throws IOException {
        ReadReply reply = new ReadReply();
        InputArchive archive = (InputArchive) Proxy.newProxyInstance(
                InputArchive.class.getClassLoader(), new Class<?>[] {InputArchive.class}, (proxy, method, args) -> {
                    throw new OutOfMemoryError("made up by a test");
                });
        reply.deserialize(archive, "response");
        assertThat(reply.isExhausted()).isTrue();
        assertThat(reply.getResultList()).isEmpty();
        assertNamesMemory(
                ZooKeeperErrors.refused(KvException.Context.of("store", "list", LARGE), Code.MARSHALLINGERROR));
    }
}
