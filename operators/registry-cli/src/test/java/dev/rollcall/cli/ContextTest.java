package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores by name. */
class ContextTest {
    private static final String STORE = "context-test";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void ownFile() {
        file = folder.resolve("new/contexts");
        System.setProperty("rollcall.contexts", file.toString());
    }

    @AfterEach
    void cleanUp() {
        System.clearProperty("rollcall.contexts");
        InMemoryStore.drop(STORE);
    }

    @Test
    void aContextNamesTheStoreUntilAnotherIsUsed() {
        assertThat(Run.of("context", "set", "one", "--url", "inmemory:" + STORE).out())
                .contains("in use");
        assertThat(Run.of("context", "set", "two", "--url", "inmemory:other").out())
                .doesNotContain("in use");
        assertThat(Run.of("put", "/a", "1").err()).doesNotContain("no store was named");
        assertThat(Run.of("get", "/a", "--raw").out()).isEqualTo("1");
        assertThat(Run.of("context", "use", "two").code()).isZero();
        assertThat(Run.of("get", "/a").code()).isEqualTo(ExitCode.REFUSED);
        assertThat(Run.of("get", "/a", "--raw", "--context", "one").out()).isEqualTo("1");
        assertThat(Run.of("context", "list").out())
                .containsPattern("\\* +two +inmemory:other")
                .contains("2 contexts");
        assertThat(Run.of("context", "remove", "two").code()).isZero();
        assertThat(Run.of("get", "/a").err()).contains("no store was named");
        assertThat(Run.of("get", "/a", "-b", "inmemory:x", "--context", "one").code())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aPasswordIsNeverKeptAndComesFromAFile() throws IOException {
        Run refused = Run.of("context", "set", "p", "--url", "etcd://me:hunter2@127.0.0.1:1/x");
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("--password-file").doesNotContain("hunter2");
        assertThat(file).doesNotExist();
        Path secret = Files.writeString(folder.resolve("secret"), "hunter2 %:/\n");
        Run.of("context", "set", "p", "--url", "etcd://me@127.0.0.1:1/x", "--password-file", secret.toString());
        assertThat(file).content().doesNotContain("hunter2").contains(secret.toString());
        Run get = Run.of("get", "/a", "--timeout", "50ms");
        assertThat(get.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(get.err()).doesNotContain("hunter2");
        Files.delete(secret);
        assertThat(Run.of("get", "/a").err()).contains("cannot be read");
        assertThat(Run.of("get", "/a", "-b", "etcd://127.0.0.1:1/x", "--password-file", file.toString())
                        .err())
                .contains("names no user");
    }

    @Test
    void aPasswordOnTheCommandLineIsNoted() {
        assertThat(Run.of("get", "/a", "-t", "50ms", "-b", "etcd://me:hunter2@127.0.0.1:1/x")
                        .err())
                .contains("other users can see a password on the command line")
                .doesNotContain("hunter2");
    }

    @Test
    void badInputIsOneLine() throws IOException {
        for (String line : new String[] {
            "context",
            "context use",
            "context use nope",
            "context remove nope",
            "context set",
            "context set a/b --url inmemory:x",
            "context set a --url nope",
            "context set a --url redis://h",
            "context set a --url inmemory:x --password-env P",
            "get /a --context nope"
        }) {
            Run run = Run.of(line.split(" "));
            assertThat(run.code()).as(line).isEqualTo(ExitCode.USAGE);
            assertThat(run.err()).as(line).hasLineCount(1);
        }
        Files.createDirectories(file);
        assertThat(Run.of("context", "list").err()).contains("cannot be read").hasLineCount(1);
    }
}
