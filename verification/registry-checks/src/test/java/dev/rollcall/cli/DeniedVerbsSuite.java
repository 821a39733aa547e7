package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command says to a user whom a real store does not let write, or not even read: the reason, once, with its exit code, and soon. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
public abstract class DeniedVerbsSuite {
    private static final String NODE = "{\"nodeId\":\"p\",\"host\":\"h:1\",\"state\":\"paused\"}";

    @TempDir
    Path folder;

    /** The store as its owner sees it, which lets others read. */
    protected abstract String owners();

    /** The same as another user sees it, who may read. */
    protected abstract String readers();

    /** A part of the store that the same user may not read. */
    protected abstract String strangers();

    /** What the store says of it. */
    protected abstract String reason();

    @BeforeAll
    protected void fill() throws InterruptedException {
        try (KvBackend backend = KvBackends.open(owners())) {
            Futures.await(backend.put(Key.of("/d/k"), Bytes.ofUtf8("v")));
            Futures.await(backend.put(Key.of("/tidb-binlog/v1/pumps/p"), Bytes.ofUtf8(NODE)));
        }
    }

    /** Runs what the store refuses; gives what the command said of that, in lines, but for the note on the password of these tests. */
    protected List<String> refused(String url, String line) {
        CommandRun.Result run = CommandRun.on(url).run(line.split(" "));
        assertThat(run.code()).as("%s: %s%s", line, run.out(), run.err()).isEqualTo(ExitCode.DENIED);
        assertThat(run.err()).as(line).containsOnlyOnce(reason());
        List<String> said =
                run.err().lines().filter(text -> !text.contains(" Note: ")).toList();
        assertThat(said).as(line).allMatch(text -> text.startsWith("rollcall: "));
        return said;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "put /d/k w|'/d/k'",
                "put /new w|'/new'",
                "put /d/h w --hold|'/d/h'",
                "create /d/new w|'/d/new'",
                "update /d/k w|'/d/k'",
                "delete /d/k|'/d/k'",
                "lock /l -- true|The lock '/l' is refused: ",
                "lock /l --no-wait -- true|The lock '/l' is refused: ",
                "elect /e -- true|The election '/e' is refused: ",
                "nodes update pumps p --score 1|'/tidb-binlog/v1/pumps/p'",
                "nodes remove pumps p|The node 'p' was not removed: ",
                "check perf --time 100ms|'/rollcall-check-",
                // Before any node begins.
                "demo --plain|'/tidb-binlog/v1/.rollcall/demo'"
            })
    void whoMayNotWriteIsToldSo(String line, String what) {
        assertThat(refused(readers(), line)).singleElement().asString().contains(what);
    }

    @Test
    void filesAreNotWrittenEither() throws IOException {
        Path file = folder.resolve("file");
        CommandRun.on(readers()).ok("export", "/d", "--file", file.toString());
        refused(readers(), "import " + file + " --into /new");
        refused(readers(), "delete /d --recursive");
        Files.writeString(file, "{\"then\":[{\"delete\":\"/d/k\"}]}");
        refused(readers(), "txn " + file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get /d/k",
                "list /",
                "ls /d",
                "tree /",
                "count /",
                "watch /d --signals 1",
                "export /d",
                "locks /",
                "leaders /",
                "nodes list pumps",
                "nodes get pumps p",
                "status"
            })
    void whoMayReadSeesWhatIsThere(String line) {
        CommandRun.on(readers()).ok(line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get /d/k",
                "get /d/k --raw",
                "list /",
                "ls /d",
                "tree /",
                "count /",
                "watch /d",
                "watch /d --exec true",
                "export /d",
                "locks /",
                "leaders /",
                "nodes list pumps",
                "nodes get pumps p",
                "nodes watch pumps",
                "nodes drain pumps p",
                "demo --plain",
                "check perf --time 100ms"
            })
    void whoMayNotReadIsToldSo(String line) {
        refused(strangers(), line);
    }

    @Test
    void statusIsForTheseAsWell() {
        CommandRun.Result run = CommandRun.on(strangers()).run("status");
        assertThat(run.out() + run.err()).contains("this user");
    }

    @Test
    void aNodeOfWhoMayNotWriteIsNotWaitedFor() throws IOException {
        InputStream before = System.in;
        try (PipedInputStream input = new PipedInputStream();
                PipedOutputStream typed = new PipedOutputStream(input)) {
            System.setIn(input);
            typed.write((NODE + "\n").getBytes(StandardCharsets.UTF_8));
            typed.flush();
            CompletableFuture<CommandRun.Result> run = CompletableFuture.supplyAsync(
                    () -> CommandRun.on(readers()).run("nodes", "register", "pumps"),
                    task -> new Thread(task, "denied-node").start());
            CommandRun.Result result = run.join();
            assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.DENIED);
            assertThat(result.err().lines().reduce((a, b) -> b).orElse(""))
                    .startsWith("rollcall: The node has not been written: ")
                    .contains(reason());
        } finally {
            System.setIn(before);
        }
    }
}
