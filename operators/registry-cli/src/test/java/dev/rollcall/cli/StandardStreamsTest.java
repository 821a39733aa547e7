package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.StandardStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a process: what it is given, and who reads what it says. */
class StandardStreamsTest {
    private static final Map<String, String> ASCII = Map.of("LC_ALL", "C");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "put /a -f -",
                "put /a -f /dev/stdin",
                "put /a -f /dev/fd/0",
                "put /a -f /proc/self/fd/0",
                "nodes register pumps"
            })
    void aClosedStandardInputIsASentence(String line) throws Exception {
        ProcessRun run = ProcessRun.shell(folder, "exec \"$@\" <&-", Map.of(), line.split(" "));
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("Standard input is closed").hasLineCount(1);
    }

    @Test
    void standardInputIsKnownByEachOfItsNames() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/stdin"));
        Path file = Files.createFile(folder.resolve("0"));
        for (String name : List.of(
                "/dev/stdin",
                "/dev/fd/0",
                "/dev/../dev/fd/0",
                "/proc/self/fd/0",
                link.toString(),
                "/proc/" + ProcessHandle.current().pid() + "/fd/0")) {
            assertThat(StandardStreams.isInput(name)).as(name).isTrue();
        }
        for (String name : List.of(
                file.toString(),
                "/dev/fd/10",
                "/dev/null",
                folder.resolve("none").toString(),
                "/",
                "\0")) {
            assertThat(StandardStreams.isInput(name)).as(name).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch /", "nodes watch pumps", "list /", "--help", "demo --plain"})
    void aReaderThatIsGoneEndsTheCommandInSilence(String line) throws Exception {
        // The command begins when its reader has closed the pipe, and on an empty store a watch has nothing more to
        // write after its first line.
        ProcessRun run = ProcessRun.shell(
                folder,
                "mkfifo \"$GO\"; { read go <\"$GO\"; \"$@\"; echo $? >&2; } | { exec <&-; echo go >\"$GO\"; }",
                Map.of(
                        "ROLLCALL_BACKEND",
                        "inmemory:x",
                        "GO",
                        folder.resolve("go").toString()),
                line.split(" "));
        assertThat(run.err().strip()).isEqualTo(Integer.toString(ExitCode.OUTPUT));
    }

    @Test
    void aReaderThatGoesAfterTheFirstLineEndsAQuietWatch() throws Exception {
        ProcessRun run = ProcessRun.shell(
                folder,
                "{ \"$@\"; echo $? >&2; } | head -n 1",
                Map.of("ROLLCALL_BACKEND", "inmemory:x"),
                "watch",
                "/quiet");
        assertThat(run.out()).startsWith("snapshot").hasLineCount(1);
        assertThat(run.err().strip()).isEqualTo(Integer.toString(ExitCode.OUTPUT));
    }

    @Test
    void argumentsAndJsonAreUtf8InALocaleThatIsNot() throws IOException, InterruptedException {
        // What a shell passes on are bytes; the key comes back as it was typed, and not as a row of replacements.
        ProcessRun run = ProcessRun.shell(
                folder,
                "exec \"$@\" \"$(printf '/h\\303\\251llo')\" v",
                ASCII,
                "put",
                "-o",
                "json",
                "-b",
                "inmemory:x");
        assertThat(run.out()).contains("\"key\":\"/h\u00e9llo\"");
        assertThat(run.code()).isZero();
    }

    @Test
    void anArgumentThatIsNoTextIsRefused() throws IOException, InterruptedException {
        ProcessRun run =
                ProcessRun.shell(folder, "exec \"$@\" \"$(printf '\\377')\"", ASCII, "put", "/a", "-b", "inmemory:x");
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("Argument 5 is not text", "--file").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd://127.0.0.1:1/a", "zookeeper://127.0.0.1:1/a", "etcd://no-such-host.invalid:2379/a"})
    void anUnreachableStoreIsOneLineAndACode(String url) throws IOException, InterruptedException {
        ProcessRun run = ProcessRun.shell(folder, "exec \"$@\"", Map.of(), "get", "/a", "-b", url);
        assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(List.of(run.err(), run.out()))
                .satisfiesExactly(
                        err -> assertThat(err).contains("rollcall: ").hasLineCount(1),
                        out -> assertThat(out).isEmpty());
    }
}
