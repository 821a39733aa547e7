package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.StandardStreams;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read whole before anything is sent, from somebody who types it. */
@Timeout(120)
class TypedInputTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final InputStream before = System.in;

    @AfterEach
    void restore() {
        System.setIn(before);
        System.clearProperty(StandardStreams.INPUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"txn", "import", "put /a --file -", "update /a --file -"})
    void aReadThatWaitsEndsWhenInterrupted(String line) throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        System.setIn(new InputStream() {
            @Override
            public int read() {
                reading.countDown();
                // As a read from a terminal, which an interrupt does not end.
                while (true) {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        continue;
                    }
                }
            }
        });
        CompletableFuture<Run> run = new CompletableFuture<>();
        Thread command = new Thread(() -> run.complete(Run.of(line.split(" "))), "typed-input");
        command.start();
        reading.await();
        command.interrupt();
        assertThat(run).succeedsWithin(PATIENCE);
        assertThat(run.join().code()).as(run.join().err()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(run.join().err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"txn", "import", "put /a --file -", "update /a --file -"})
    void whoHasToTypeIsTold(String line) {
        System.setProperty(StandardStreams.INPUT, "terminal");
        System.setIn(new ByteArrayInputStream(new byte[0]));
        assertThat(Run.of(line.split(" ")).err())
                .startsWith("rollcall: This reads the ")
                .contains(" from the terminal; Ctrl-D ends it.\n");
        System.setProperty(StandardStreams.INPUT, "other");
        assertThat(Run.of(line.split(" ")).err()).doesNotContain("terminal");
    }
}
