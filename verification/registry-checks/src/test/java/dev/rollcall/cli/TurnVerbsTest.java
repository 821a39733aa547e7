package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Locks and elections from the command line, on every store. */
@Timeout(300)
class TurnVerbsTest {
    @TempDir
    Path folder;

    static Stream<String> urls() {
        return CommandRun.urls();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aCommandRunsUnderALockWithItsTokenAndItsCodeIsPassedOn(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        Path out = folder.resolve("out");
        for (int turn = 0; turn < 2; turn++) {
            CommandRun.Result run =
                    at.run("lock", "/l", "--", "sh", "-c", "echo $ROLLCALL_TOKEN $ROLLCALL_TURN >>" + out + "; exit 7");
            assertThat(run.code()).as(run.err()).isEqualTo(7);
        }
        assertThat(Files.readAllLines(out)).hasSize(2).allMatch(line -> line.matches("\\d+ /l/place-.*"));
        assertThat(Files.readAllLines(out).stream().map(line -> Long.valueOf(line.split(" ")[0])))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(at.ok("locks", "/")).contains("0 queues at and below /");
        // The lock is free; without waiting, nothing is said of a wait on a busy machine.
        at.refused(127, "'no-such-command'", "lock", "/l", "--no-wait", "--", "no-such-command");
        at.refused(126, "could not be started", "lock", "/l", "--no-wait", "--", folder.toString());
        at.refused(ExitCode.USAGE, "behind --", "lock", "/l");
        at.refused(ExitCode.USAGE, "behind --", "elect", "/l");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aHeldLockIsShownAndNotTaken(String url) throws InterruptedException {
        CommandRun at = CommandRun.on(url);
        try (KvBackend backend = KvBackends.open(url);
                DistributedLock lock = DistributedLock.open(
                        backend,
                        Directory.of("/locks/x"),
                        CoordinationOptions.defaults().withTtl(Duration.ofSeconds(60)));
                LockHold hold = lock.lock()) {
            CompletableFuture<LockHold> behind = lock.acquire();
            at.refused(
                    ExitCode.REFUSED, "Others hold the lock '/locks/x'", "lock", "/locks/x", "--no-wait", "--", "true");
            assertThat(at.ok("locks"))
                    .containsPattern("/locks/x +pid \\d+ +" + hold.token().revision() + " +20..-");
            // The one that waits joins the queue without being asked again.
            while (!at.ok("locks", "-o", "json").contains("\"waiting\":[{")) {
                Thread.onSpinWait();
            }
            assertThat(at.ok("locks", "/locks", "--queue")).contains("1. pid ", "1 queue at and below /locks");
            behind.cancel(false);
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void whoIsInterruptedWhileItWaitsLeavesTheQueue(String url) throws InterruptedException {
        CommandRun at = CommandRun.on(url);
        Directory queue = Directory.of("/waiting");
        CoordinationOptions options = CoordinationOptions.defaults().withTtl(Duration.ofMinutes(20));
        try (KvBackend backend = KvBackends.open(url);
                DistributedLock lock = DistributedLock.open(backend, queue, options);
                LockHold hold = lock.lock()) {
            for (String verb : List.of("lock", "elect")) {
                Path run = folder.resolve("run");
                try (CommandRun.Running waiter =
                        at.start(verb, queue.path(), "--ttl", "20m", "--", "touch", run.toString())) {
                    await().atMost(Duration.ofMinutes(2))
                            .untilAsserted(
                                    () -> assertThat(places(backend, queue)).hasSize(2));
                    assertThat(waiter.interrupt().code()).isEqualTo(ExitCode.INTERRUPTED);
                }
                assertThat(places(backend, queue)).containsExactly(hold.token().entry());
                assertThat(run).doesNotExist();
            }
        }
    }

    private static List<Key> places(KvBackend backend, Directory queue) throws InterruptedException {
        return Futures.await(backend.keys(queue)).keys().stream()
                .filter(key -> key.path().contains("place-"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aCommandWhoseTurnIsLostIsStopped(String url) throws Exception {
        CommandRun at = CommandRun.on(url);
        Path begun = folder.resolve("begun");
        // It would go on for long.
        String command = "trap '' TERM; echo $ROLLCALL_TURN >'" + begun + "'; sleep 100";
        try (KvBackend backend = KvBackends.open(url)) {
            CompletableFuture<CommandRun.Result> run = CompletableFuture.supplyAsync(
                    () -> at.run("lock", "/lost", "--grace", "100ms", "--", "sh", "-c", command),
                    task -> new Thread(task, "lost-turn").start());
            // Before it has begun there may be a place and no turn yet: who loses that one queues anew, and loses
            // nothing.
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(begun).content().endsWith("\n"));
            Futures.await(backend.delete(Key.of(Files.readString(begun).strip())));
            CommandRun.Result result = Futures.await(run, Duration.ofMinutes(4));
            assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.TURN_LOST);
            assertThat(result.err()).contains("The turn was lost, and the command was stopped");
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void anOfficeThatIsLostIsStoodForAgain(String url) throws Exception {
        CommandRun at = CommandRun.on(url);
        Path out = folder.resolve("terms");
        // In its first term the command would go on for long.
        String command = "echo $ROLLCALL_TURN >>'" + out + "'; [ $(wc -l <'" + out + "') -gt 1 ] || exec sleep 100";
        try (KvBackend backend = KvBackends.open(url)) {
            CompletableFuture<CommandRun.Result> run = CompletableFuture.supplyAsync(
                    () -> at.run("elect", "/e", "--id", "me", "--grace", "100ms", "--", "sh", "-c", command),
                    task -> new Thread(task, "lost-office").start());
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(out).content().endsWith("\n"));
            assertThat(at.ok("leaders", "/"))
                    .containsPattern("/e +me +\\d+ +20..-")
                    .contains("1 queue");
            Futures.await(backend.delete(Key.of(Files.readString(out).strip())));
            assertThat(run).succeedsWithin(Duration.ofMinutes(1));
            CommandRun.Result result = run.getNow(null);
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.err()).contains("The office was lost, the command was stopped, and this stands again");
            assertThat(Files.readAllLines(out)).hasSize(2).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void aCommandRunsWhileItsCandidateLeads(String url) throws IOException {
        CommandRun at = CommandRun.on(url);
        Path out = folder.resolve("out");
        CommandRun.Result run =
                at.run("elect", "/e", "--id", "me", "--", "sh", "-c", "echo $ROLLCALL_TURN >" + out + "; exit 3");
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains("'me' leads '/e', term ");
        assertThat(out).content().startsWith("/e/place-");
        assertThat(at.ok("leaders", "/e")).contains("0 queues");
    }
}
