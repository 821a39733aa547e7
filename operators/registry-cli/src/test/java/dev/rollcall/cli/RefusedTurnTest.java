package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locks and elections on a store that does not let this user stand, at once or from some moment on. */
@Timeout(300)
class RefusedTurnTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** As others see the store that refuses. */
    private static final String STORE = "refusing-turns";

    private static final Directory QUEUE = Directory.of("/q");
    private static final String REASON = "this user may not write";

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(STORE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"elect /q", "lock /q", "lock /q --no-wait", "lock /q --wait 1m"})
    void whoMayNotStandEndsWithTheReason(String line) {
        Run run = Run.of((line + " -b denied:turns -- true").split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DENIED);
        assertThat(run.err()).contains(REASON).hasLineCount(1);
    }

    /** A command behind somebody else in the queue, whose place is taken away and which may not stand again. */
    private static final class Behind implements AutoCloseable {
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> code = new CompletableFuture<>();
        private final Thread thread;
        private final KvBackend backend = KvBackends.open("inmemory:" + STORE);
        private final DistributedLock lock = DistributedLock.open(
                backend, QUEUE, CoordinationOptions.defaults().withTtl(Duration.ofMinutes(20)));

        Behind(String verb) throws InterruptedException {
            LockHold first = lock.lock();
            String[] args = {verb, QUEUE.path(), "-b", "deniedlater:turns", "--", "true"};
            this.thread = new Thread(
                    () -> code.complete(Main.commandLine(args)
                            .setErr(new PrintWriter(err, true))
                            .execute(args)),
                    "behind");
            thread.start();
            awaitSaid("Waits ");
            // It says so after a while, whether it has its place by then or not.
            await().atMost(PATIENCE).until(() -> places().size() == 2);
            for (Key place : places()) {
                if (!place.equals(first.token().entry())) {
                    Futures.await(backend.delete(place));
                }
            }
        }

        private List<Key> places() throws InterruptedException {
            return Futures.await(backend.keys(QUEUE)).keys().stream()
                    .filter(key -> key.path().contains("/place-"))
                    .toList();
        }

        void awaitSaid(String text) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(err.toString()).contains(text));
        }

        @Override
        public void close() {
            thread.interrupt();
            lock.close();
            backend.close();
        }
    }

    @Test
    void aCandidateThatIsRefusedWhileItQueuesSaysSoAndTriesAgain() throws InterruptedException {
        try (Behind behind = new Behind("elect")) {
            behind.awaitSaid("Cannot stand for '/q' now, and tries again: commit on refusing failed: " + REASON + ".");
            assertThat(behind.code).isNotDone();
            behind.thread.interrupt();
            assertThat(behind.code).succeedsWithin(PATIENCE).isEqualTo(ExitCode.INTERRUPTED);
            assertThat(behind.err.toString()).containsOnlyOnce(REASON);
        }
    }

    @Test
    void aLockThatIsRefusedWhileItQueuesEndsWithTheReason() throws InterruptedException {
        try (Behind behind = new Behind("lock")) {
            assertThat(behind.code).succeedsWithin(PATIENCE).isEqualTo(ExitCode.DENIED);
            assertThat(behind.err.toString()).containsOnlyOnce(REASON);
        }
    }
}
