package dev.rollcall.tck.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    void programThatDoesNotExistIsReported() {
        ServerProcess process = new ServerProcess("nothing", List.of("/no/such/program"), Map.of(), log(), () -> true);
        assertThatThrownBy(process::start).hasMessageContaining("nothing could not be started");
    }
}
