package dev.rollcall.tck.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
    @TempDir
    Path directory;

    private Path log() {
        return directory.resolve("logs/server.log");
    }

    private ServerProcess shell(String script) {
        return new ServerProcess(
                "shell",
                List.of("sh", "-c", script),
                Map.of("GREETING", "hello"),
                log(),
                () -> contains("hello " + starts()));
    }

    private int starts() {
        return contains("hello 2") ? 2 : 1;
    }

    private boolean contains(String text) {
        try {
            return Files.exists(log()) && Files.readString(log()).contains(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void startsWithItsEnvironmentIsKilledAndStartsAgain() throws IOException {
        String script = "n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n >n; echo $GREETING $n; exec sleep 600";
        Path counter = directory.resolve("n");
        String inDirectory = "cd '" + directory + "'; " + script;
        try (ServerProcess process = shell(inDirectory).start()) {
            assertThat(process.isAlive()).isTrue();
            assertThatThrownBy(process::launch).isInstanceOf(IllegalStateException.class);
            process.pause();
            assertThat(process.isAlive()).isTrue();
            process.resume();
            process.kill();
            assertThat(process.isAlive()).isFalse();
            process.start();
            assertThat(process.isAlive()).isTrue();
            assertThat(process.log()).exists();
        }
        assertThat(Files.exists(counter)).isTrue();
    }

    /** Many threads, so that the one which takes the signal has to wait for its turn. */
    public static final class Talker {
        public static void main(String[] arguments) throws InterruptedException {
            PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
            for (int i = 0; i < 16; i++) {
                Thread thread = new Thread(
                        () -> {
                            while (true) {
                                out.println("on and on");
                            }
                        },
                        "talker-" + i);
                thread.start();
            }
            out.println("hello 1");
            Thread.currentThread().join();
        }
    }

    @Test
    void pausedProcessDoesNothingMoreOnceItsPauseHasReturned() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                List.of(java, "-Xmx64m", "-cp", System.getProperty("java.class.path"), Talker.class.getName());
        try (ServerProcess process =
                new ServerProcess("talker", command, Map.of(), log(), () -> contains("hello 1")).start()) {
            for (int i = 0; i < 20; i++) {
                process.pause();
                long said = Files.size(log());
                // Nothing tells that nothing comes; without the wait for all threads, they go on for some milliseconds.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                assertThat(Files.size(log())).as("what it has said, in bytes").isEqualTo(said);
                process.resume();
            }
        }
    }

    @Test
    void serverThatEndsWhileItStartsIsReportedWithItsLog() {
        try (ServerProcess process = shell("echo no luck today; exit 7")) {
            assertThatThrownBy(process::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ended with code 7")
                    .hasMessageContaining("no luck today");
        }
    }

    @Test
    void dataOfAServerGoesWithItAndItsLogStays() throws IOException {
        Path data = directory.resolve("data");
        Files.createDirectories(data.resolve("member"));
        Files.writeString(data.resolve("member/wal"), "much");
        ServerProcess process = shell("echo hello 1; exec sleep 600").keeps(data);
        process.start();
        process.kill();
        assertThat(data.resolve("member/wal")).as("what a killed server has").exists();
        assertThat(process.report()).contains("shell has ended with code").contains("hello 1");
        process.close();
        assertThat(data).doesNotExist();
        assertThat(log()).exists();
    }

    @Test
    void dataIsCopiedAndDeletedAsAWhole() throws IOException {
        Path from = directory.resolve("from");
        Files.createDirectories(from.resolve("member"));
        Files.writeString(from.resolve("member/wal"), "written");
        Path to = directory.resolve("to");
        ServerData.copy(from, to);
        ServerData.delete(from);
        ServerData.delete(from);
        assertThat(from).doesNotExist();
        assertThat(to.resolve("member/wal")).hasContent("written");
    }

    @Test
    void programThatDoesNotExistIsReported() {
        ServerProcess process = new ServerProcess("nothing", List.of("/no/such/program"), Map.of(), log(), () -> true);
        assertThatThrownBy(process::start).hasMessageContaining("nothing could not be started");
    }
}
