package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process of {@code src/test/go/besidetidb}, which works on an etcd by TiDB's own registry. */
final class GoProgram implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SOURCE = Path.of("src/test/go/besidetidb").toAbsolutePath();

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter requests;

    private GoProgram(Process process) {
        this.process = process;
        this.answers = process.inputReader();
        this.requests = process.outputWriter();
    }

    /** Built once, by the toolchain that is here and with the modules that go.sum names. */
    private static final class Built {
        static final Optional<Path> FILE = build();

        private static Optional<Path> build() {
            Path file = Path.of("target/besidetidb").toAbsolutePath();
            try {
                Optional<String> problem = problemOfBuilding(file);
                say(problem.map(why -> "TiDB's own registry did not run, a recording of it acted instead: " + why)
                        .orElse("TiDB's own registry ran beside ours."));
                return problem.isEmpty() ? Optional.of(file) : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Optional<String> problemOfBuilding(Path file) throws IOException {
            Path said = Path.of("target/besidetidb.log").toAbsolutePath();
            ProcessBuilder builder = new ProcessBuilder("go", "build", "-o", file.toString(), ".")
                    .directory(SOURCE.toFile())
                    .redirectOutput(said.toFile())
                    .redirectErrorStream(true);
            builder.environment().put("GOTOOLCHAIN", "local");
            builder.environment().put("GOFLAGS", "-mod=readonly");
            Process build;
            try {
                build = builder.start();
            } catch (IOException e) {
                return Optional.of("go: " + e.getMessage());
            }
            try {
                boolean built = build.waitFor(5, TimeUnit.MINUTES) && build.exitValue() == 0;
                return built ? Optional.empty() : Optional.of("go: " + Files.readString(said));
            } catch (InterruptedException e) {
                throw new IllegalStateException("Interrupted while Go was building.", e);
            } finally {
                build.destroyForcibly();
            }
        }

        /** For the last lines of the build. */
        private static void say(String what) throws IOException {
            Files.writeString(Path.of("target/beside-tidb.txt"), what + "\n");
        }
    }

    /** On the etcd at {@code address}, below {@code root} as TiDB takes it; empty if there is no Go toolchain, and none is required. */
    static Optional<GoProgram> start(String address, String root) {
        boolean required = System.getProperty("test.go", "optional").equals("required");
        assertThat(Built.FILE.isPresent() || !required)
                .as("TiDB's registry could be built; see target/beside-tidb.txt")
                .isTrue();
        return Built.FILE.map(file -> {
            try {
                return new GoProgram(new ProcessBuilder(file.toString(), "http://" + address, root)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Asks for one thing and waits for the answer. */
    JsonNode ask(JsonNode request) {
        try {
            requests.write(request.toString());
            requests.newLine();
            requests.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("The program in Go has ended at " + request + ".");
            }
            return JSON.readTree(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends with its input, or else at once. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
