package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command for each change. */
@Timeout(120)
class WatchExecTest {
    private static final String STORE = "inmemory:watch-exec-test";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @AfterEach
    void dropStore() {
        InMemoryStore.drop("watch-exec-test");
    }

    @Test
    void theCommandFindsWhatChanged() throws IOException {
        Run.of("put", "/w/a", "one two", "-b", STORE);
        Path out = folder.resolve("out");
        String command =
                "echo \"$ROLLCALL_EVENT $ROLLCALL_KEY $ROLLCALL_REVISION $ROLLCALL_VALUE $(cat)\" >>'" + out + "'";
        Run run = Run.of("watch", "/w", "--signals", "1", "--exec", command, "-b", STORE);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(out).hasContent("entry /w/a 1 one two one two");
    }

    @Test
    void aCommandThatFailsIsSaidAndEndsNothing() {
        Run.of("put", "/w/a", "1", "-b", STORE);
        Run run = Run.of("watch", "/w", "--signals", "1", "--exec", "exit 3", "-b", STORE);
        assertThat(run.code()).isZero();
        assertThat(run.err())
                .contains("The command for entry of '/w/a' at revision 1 ended with 3")
                .hasLineCount(1);
    }

    @Test
    void aCommandIsEndedWithAllThatItHasStarted() throws IOException, InterruptedException {
        Run.of("put", "/w/a", "1", "-b", STORE);
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        String command = "sleep 1000 & echo $! >'" + pipe + "'; wait; true";
        Thread watch = new Thread(() -> Run.of("watch", "/w", "--exec", command, "-b", STORE), "watch-exec");
        watch.start();
        // Until the command writes to it.
        long started = Long.parseLong(Files.readString(pipe).strip());
        ProcessHandle sleep = ProcessHandle.of(started).orElseThrow();
        try {
            // As Ctrl-C does.
            watch.interrupt();
            assertThat(sleep.onExit()).succeedsWithin(PATIENCE);
        } finally {
            sleep.destroyForcibly();
        }
        watch.join(PATIENCE.toMillis());
        assertThat(watch.isAlive()).isFalse();
    }

    @Test
    void aCommandThatRunsWhenTheTimeIsOverIsEnded() {
        Run.of("put", "/w/a", "1", "-b", STORE);
        Run.of("put", "/w/b", "1", "-b", STORE);
        Run run = Run.of("watch", "/w", "--for", "100ms", "--exec", "exec sleep 1000", "-b", STORE);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Run.of("watch", "/w", "--exec", "true", "-o", "json", "-b", STORE)
                        .code())
                .isEqualTo(ExitCode.USAGE);
    }
}
