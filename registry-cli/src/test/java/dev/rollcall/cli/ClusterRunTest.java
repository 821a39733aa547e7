package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(240)
class ClusterRunTest {
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
        Run run = run("--cluster lying --nemesis cut --time 3s --seed 5");
        assertThat(run.code()).as(run.err() + run.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out()).containsPattern("[1-9]\\d* violations so far").contains("REV-5");
        assertThat(directory).isDirectoryContaining("glob:**-smallest.html");
        assertThat(directory.resolve("index.html")).content().contains("-smallest.html\">its history</a>");
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
