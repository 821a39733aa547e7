package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.ReadConsistency;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What linearizable reads cost, request by request. */
class FreshReadsTest {
    private static final String BARRIER = "!";

    private ScriptedServer server;
    private KvBackend handle;

    @BeforeEach
    void open() throws InterruptedException {
        open("");
    }

    private void open(String more) throws InterruptedException {
        server = new ScriptedServer("/r");
        for (String name : List.of("a", "b", "c", "d")) {
            server.put("/r/" + name, "old");
        }
        handle = server.handle("zookeeper://scripted/r?timeout=10m" + more);
        server.connect();
        server.answerAll();
    }

    @AfterEach
    void close() {
        handle.close();
    }

    private CompletableFuture<GetResult> read(String name) {
        return handle.get(Key.of("/" + name));
    }

    private static String value(CompletableFuture<GetResult> read) {
        return result(read).value().orElseThrow().utf8();
    }

    @Test
    void readsThatComeWhileABarrierIsUnderWayShareTheNextOneAndARequest() {
        List<CompletableFuture<GetResult>> reads = new ArrayList<>(List.of(read("a")));
        reads.addAll(List.of(read("b"), read("c"), read("d")));
        assertThat(server.underWay()).containsExactly(BARRIER, "/r/a");
        server.answer(BARRIER);
        assertThat(server.underWay()).containsExactly("/r/a", BARRIER, "/r/b /r/c /r/d");
        server.answerAll();
        assertThat(reads).allSatisfy(read -> assertThat(value(read)).isEqualTo("old"));
    }

    @Test
    void readsShareNoRequestWhereThatIsTurnedOffButStillABarrier() throws InterruptedException {
        handle.close();
        open("&batching=false");
        List<CompletableFuture<GetResult>> reads = new ArrayList<>(List.of(read("a"), read("b"), read("c")));
        server.answer(BARRIER);
        assertThat(server.underWay()).containsExactly("/r/a", BARRIER, "/r/b", "/r/c");
        server.answerAll();
        assertThat(reads).allSatisfy(read -> assertThat(value(read)).isEqualTo("old"));
    }

    @Test
    void sequentialReadHasNoBarrier() {
        CompletableFuture<GetResult> read = handle.get(Key.of("/a"), ReadConsistency.SEQUENTIAL);
        assertThat(server.underWay()).containsExactly("/r/a");
        server.answerAll();
        assertThat(value(read)).isEqualTo("old");
    }

    /** Or the others would learn of it at their deadlines only. */
    @Test
    void readThatFailsToHandleItsAnswerKeepsNoOtherFromItsOwn() {
        server.exhaust("/r/b", true);
        read("a");
        CompletableFuture<GetResult> exhausted = read("b");
        CompletableFuture<GetResult> other = read("c");
        assertThatThrownBy(server::answerAll).isInstanceOf(OutOfMemoryError.class);
        assertThat(value(other)).isEqualTo("old");
        assertThat(exhausted).isNotDone();
    }

    @Test
    void readIsMadeAgainBehindABarrierOfTheNextConnection() throws InterruptedException {
        CompletableFuture<GetResult> read = read("a");
        server.answer(BARRIER);
        server.disconnect();
        server.put("/r/a", "new");
        server.connect();
        assertThat(read).isNotDone();
        assertThat(server.underWay()).contains(BARRIER, "/r/a");
        server.answerAll();
        assertThat(value(read)).isEqualTo("new");
    }
}
