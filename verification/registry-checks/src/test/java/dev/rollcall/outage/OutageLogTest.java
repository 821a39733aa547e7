package dev.rollcall.outage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application reads in its log while its store is away: one line for each change, and nothing by other ways. */
class OutageLogTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"etcd://127.0.0.1:1/a", "etcd://no-such-host.invalid:2379/a", "zookeeper://127.0.0.1:1/a"})
    void eachChangeIsOneLineWithoutATrace(String url) throws IOException, InterruptedException {
        List<String> lines = logOf(OutageProgram.class, url + "?timeout=300ms");
        // Everything is the library's own, has a sentence, and is said once.
        assertThat(lines)
                .as("the whole log: %s", lines)
                .isNotEmpty()
                .allMatch(line -> line.matches("(INFO|WARN) dev\\.rollcall\\..* - .*"))
                .noneMatch(line -> line.contains("\u202e"))
                .doesNotHaveDuplicates()
                // A connection, the watch of the registry, and of each of three names a view, a registration, an
                // election and a lock.
                .hasSizeLessThanOrEqualTo(2 + 3 * 5);
    }

    @Test
    void watchThatIsRefusedAgainAndAgainIsOneLine() throws IOException, InterruptedException {
        List<String> lines = logOf(RefusedWatchProgram.class);
        assertThat(lines)
                .as("the whole log: %s", lines)
                .filteredOn(line -> line.contains("The watch on"))
                .singleElement()
                .asString()
                .contains("on purpose");
    }

    /** What a program of ours writes to its standard streams until it ends. */
    private List<String> logOf(Class<?> main, String... arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // Newer JVMs warn of what Netty and protobuf do.
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-Dorg.slf4j.simpleLogger.showThreadName=false",
                // The command is on the class path, and has a level of its own for what is ours.
                "-Dorg.slf4j.simpleLogger.log.dev.rollcall=info",
                // Its own chatter is the host's to configure; this is about ours.
                "-Dorg.slf4j.simpleLogger.log.org.apache.zookeeper=off",
                "-cp",
                System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // The JVM would say on standard error that it has seen it.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process program = builder.start();
        try {
            assertThat(program.waitFor(4, TimeUnit.MINUTES))
                    .as(() -> "whether the program has ended; it says: " + read(log))
                    .isTrue();
        } finally {
            program.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(program.exitValue()).as("%s", lines).isZero();
        return lines;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
