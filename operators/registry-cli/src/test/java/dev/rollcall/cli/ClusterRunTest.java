package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.tck.KitSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

// Only a hang takes as long as this.
@Timeout(600)
class ClusterRunTest {
    private static final long SEED = KitSettings.fromEnvironment().seed();
    private static final int MOST_RUNS = 10;

    @TempDir
    private Path directory;

    private Run run(String line) {
        return Run.of(("tck --report " + directory + " " + line).split(" "));
    }

    @Test
    void aRunWithoutViolationSucceedsAndTellsOfEachRound() {
        Run run = run("--cluster memory --nemesis all --time 2s --seed 5");
        assertThat(run.code()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("memory, 2 members, seed 5: faults for 2 s")
                .containsPattern(
                        "\n +1  [a-z]+ +seed \\d+ +\\d+ operations, 0 violations so far; faults: [a-z-, ]+; 0:0\\d left\n")
                .contains("memory, 2 members, seed 5: no violation")
                .contains("Written to " + directory);
        assertThat(directory.resolve("index.html")).content().contains("No violation was found.");
        assertThat(directory.resolve("nemesis.json")).content().contains("\"seed\": 5,");
        assertThat(directory.resolve("nemesis.txt")).exists();
    }

    @Test
    void aViolationIsExitCodeOneAndItsHistoryIsKept() {
        // The clients' threads race, and a judge may not be able to decide what came of it; another seed is taken then.
        Run run = run(lying(SEED));
        for (int i = 1; run.code() == ExitCode.OK && i < MOST_RUNS; i++) {
            run = run(lying(SEED + i));
        }
        assertThat(run.code()).as(run.err() + run.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out()).containsPattern("[1-9]\\d* violations so far").containsPattern("REV-5|READ-1");
        assertThat(directory).isDirectoryContaining("glob:**-smallest.html");
        assertThat(directory.resolve("index.html")).content().contains("-smallest.html\">its history</a>");
    }

    private static String lying(long seed) {
        return "--cluster lying --nemesis cut --time 3s --seed " + seed;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cluster nope|There is no cluster 'nope'; there are broken, lying, memory. --classpath brings others",
                "--cluster memory --nemesis cut,flood|There is no fault 'flood' for --nemesis; give all alone, or some of kill-leader,",
                "--cluster memory --nemesis all,cut|There is no fault 'all' for --nemesis",
                "--cluster memory --nemesis cut,compact|cannot be had on memory, 2 members: compact; leave them out",
                "--cluster memory --time 1999ms|The time 1999ms for --time may be over before a fault comes; give 2s or more",
                "--cluster memory --time 0s|'0s' is not a positive duration",
                "--cluster memory --strict|--strict is for the kit's tests",
                "--cluster memory --within 5m|--within is for the kit's tests",
                "--cluster memory inmemory:x|Give one of these",
                "--cluster memory --cluster-option tls=true|The cluster 'memory' has no option 'tls'; it takes none",
                "--cluster memory --cluster-option tls|--cluster-option",
                "--cluster-option tls=true inmemory:x|--cluster-option is for runs on a cluster; add --cluster",
                "--time 5m inmemory:x|--time is for runs on a cluster; add --cluster",
                "--nemesis cut inmemory:x|--nemesis is for runs on a cluster; add --cluster"
            })
    void whatCannotBeRunIsSaidBefore(String line, String message) {
        Run run = run(line);
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aClusterThatCannotBeStartedSaysWhy() {
        Run run = run("--cluster broken");
        assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(run.err())
                .contains("'broken' could not be started: Its servers are nowhere.")
                .hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }
}
