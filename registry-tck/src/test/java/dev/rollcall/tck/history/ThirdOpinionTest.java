package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.history.Verdict.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Judges histories of registers and of transfers once more, by Porcupine, where there is a Go toolchain; {@code -Dtest.go=required} fails
 * where there is none.
 *
 * <p>Porcupine looks for the same order as {@link LinearizabilityJudge} and has to agree with it. It believes no revision, so it may clear
 * what the replay convicts; what it convicts the replay must not clear.
 */
class ThirdOpinionTest {
    private static final int SEEDS = 600;
    private static final Path PROGRAM = Path.of("src/test/go/thirdopinion").toAbsolutePath();

    @TempDir
    private Path directory;

    @Test
    void porcupineAgrees() throws IOException, InterruptedException {
        Path program = directory.resolve("thirdopinion");
        Path problem = directory.resolve("problem");
        if (!run(PROGRAM, problem, problem, "go", "build", "-o", program.toString(), ".")) {
            String why = "Porcupine was not asked, since its program could not be built: " + Files.readString(problem);
            assertThat(System.getProperty("test.go", "optional")).as(why).isNotEqualTo("required");
            LoggerFactory.getLogger(ThirdOpinionTest.class).info(why);
            return;
        }
        List<History> histories = histories();
        Path input = directory.resolve("histories");
        Files.write(input, histories.stream().map(HistoryJson::toJson).toList());
        Path output = directory.resolve("verdicts");
        boolean judged = judge(program, input, output, problem);
        assertThat(judged).as(() -> "Porcupine: " + text(problem)).isTrue();
        compare(histories, Files.readAllLines(output));
    }

    /** Right ones, and each kind of fault that an order can show. */
    private static List<History> histories() {
        List<History> all = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            List<History> right = List.of(
                    SimulatedStore.history(seed, 3, 4, 24, true), SimulatedStore.history(seed, 3, 4, 20, false));
            for (History history : right) {
                all.add(history);
                all.add(Mutation.of(history, seed));
                for (PlantedFault fault : PlantedFault.values()) {
                    fault.in(history, new Random(seed)).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    private static void compare(List<History> histories, List<String> verdicts) {
        Judge order = LinearizabilityJudge.whole(Duration.ofMinutes(2));
        Judge replay = new ReplayJudge();
        Map<String, Integer> counts = new TreeMap<>();
        assertThat(verdicts).hasSameSizeAs(histories);
        for (int i = 0; i < verdicts.size(); i++) {
            History history = histories.get(i);
            Verdict ours = order.judge(history);
            assertThat(ours.isOk() ? "Ok" : "Illegal")
                    .as("%s, %s", ours, history)
                    .isEqualTo(verdicts.get(i));
            Kind replayed = replay.judge(history).kind();
            if (replayed == Kind.OK) {
                assertThat(verdicts.get(i)).as("%s", history).isEqualTo("Ok");
            }
            counts.merge(verdicts.get(i) + ", by the replay " + replayed, 1, Integer::sum);
        }
        LoggerFactory.getLogger(ThirdOpinionTest.class).info("Porcupine of {} histories: {}", verdicts.size(), counts);
    }

    private static boolean judge(Path program, Path input, Path output, Path problem)
            throws IOException, InterruptedException {
        return ended(new ProcessBuilder(program.toString())
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .redirectError(problem.toFile()));
    }

    private static boolean run(Path where, Path output, Path problem, String... command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectOutput(output.toFile())
                .redirectErrorStream(true);
        // No other toolchain than the one that is here, and no other modules than those that go.sum names.
        builder.environment().put("GOTOOLCHAIN", "local");
        builder.environment().put("GOFLAGS", "-mod=readonly");
        try {
            return ended(builder);
        } catch (IOException e) {
            try {
                Files.writeString(problem, "go: " + e.getMessage());
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
            return false;
        }
    }

    private static boolean ended(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        try {
            return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
