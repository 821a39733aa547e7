package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A large value is on its way when connections break: its size may be the reason, or not. */
class LargeWriteTest {
    private final ScriptedServer server = new ScriptedServer("/r", "/r.rollcall");
    private KvBackend handle;

    @BeforeEach
    void connect() throws InterruptedException {
        server.put("/r/k", "old");
        Layout.of("/r").stripes().forEach(server::mkdir);
        handle = server.handle("zookeeper://scripted/r?timeout=10m");
        server.connect();
    }

    @AfterEach
    void close() {
        handle.close();
    }

    private CompletableFuture<Commit> put() {
        return handle.put(Key.of("/k"), Bytes.copyOf(new byte[RequestSize.SMALLEST_LIMIT]));
    }

    private void breakConnection() throws InterruptedException {
        server.disconnect();
        server.connect();
    }

    /** Answers all but the write, and does what is due meanwhile, until it is on its way. */
    private void awaitSent() {
        while (!server.underWay().contains("write")) {
            if (!server.underWay().isEmpty()) {
                server.answerNext();
            } else {
                // A pause, or a trial: deadlines stay where they are.
                server.clock.runLatest();
            }
        }
    }

    private static void assertMayBeTooLarge(KvException failure, boolean retryable) {
        assertThat(failure)
                .hasMessageContaining("jute.maxbuffer")
                .extracting(KvException::outcome, KvException::isRetryable)
                .containsExactly(Outcome.NOT_APPLIED, retryable);
    }

    @Test
    void connectionsThatBreakUnderItAloneShowThatItIsTooLarge() throws InterruptedException {
        CompletableFuture<Commit> put = put();
        for (int i = 0; i < 3; i++) {
            awaitSent();
            breakConnection();
        }
        server.answerAll();
        assertMayBeTooLarge(failure(put), false);
    }

    @Test
    void connectionsThatBreakWithoutItAsWellShowNothing() throws InterruptedException {
        CompletableFuture<Commit> put = put();
        for (int i = 0; i < 6; i++) {
            awaitSent();
            breakConnection();
            // The outcome of what was on its way, then the pause before the next attempt, then the first small request.
            while (!server.underWay().isEmpty()) {
                server.answerNext();
            }
            server.clock.runLatest();
            assertThat(server.underWay()).containsExactly("!");
            breakConnection();
        }
        awaitSent();
        breakConnection();
        server.answerAll();
        server.clock.pass(Duration.ofMinutes(10));
        KvException failure = failure(put);
        assertMayBeTooLarge(failure, true);
        assertThat(failure).hasMessageContaining("another reason");
    }
}
