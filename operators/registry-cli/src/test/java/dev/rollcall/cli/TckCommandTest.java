package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.kit.TckCommand;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.SpecRule;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

// Only a hang takes as long as this.
@Timeout(600)
class TckCommandTest {
    @ParameterizedTest
    @ValueSource(strings = {"nothing:x", "unopened:x"})
    void aBackendThatDoesNothingYetIsNotConformant(String url) {
        Run run = Run.of("tck", url, "--area", "KEY,LIFE");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out())
                .contains("Partial run of KEY, LIFE")
                .doesNotContain("WATCH-1")
                .contains("is not conformant")
                .contains("Not written yet")
                .doesNotContain("\tat ");
        assertThat(run.err()).doesNotContain("a fault in this program");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--area NOPE|no area or rule 'NOPE'; the areas are ",
                "--area KEY-99|no area or rule 'KEY-99'",
                "--within 0s|is not a positive duration",
                "--strict --area KEY|only a whole run can show"
            })
    void whatCannotBeRunIsSaidBefore(String line, String message) {
        Run run = Run.of(("tck inmemory:tck-command-test " + line).split(" "));
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message).hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aReportThatCannotBeWrittenIsSaidBefore(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Run run = Run.of("tck", "inmemory:tck-command-test", "--report", file.toString());
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("for the report cannot be created").hasLineCount(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aPartialRunThatFindsNothingBrokenSucceeds() {
        Run run = Run.of("tck", "inmemory:tck-command-test", "--area", "KEY-5");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).contains("is not conformant for want of proof; nothing was found broken");
    }

    @ParameterizedTest
    @CsvSource({"VERIFIED,0,0", "REFUSED,0,0", "NOT_VERIFIED,0,1", "FAILED,1,1"})
    void strictnessIsAboutWhatCouldNotBeVerified(Status ofOneTest, int code, int strictCode) {
        Spec spec = Spec.shipped();
        List<String> rules = spec.rules().stream().map(SpecRule::id).toList();
        List<TestResult> tests = List.of(
                new TestResult("Area", "all", rules, Status.VERIFIED, List.of(), "", 1),
                new TestResult("Area", "one", rules.subList(0, 1), ofOneTest, List.of(), "a note", 1));
        ConformanceReport report = ConformanceReport.of("it", spec, 1, Duration.ofMillis(1), tests);
        assertThat(TckCommand.exitCode(report, false)).isEqualTo(code);
        assertThat(TckCommand.exitCode(report, true)).isEqualTo(strictCode);
    }
}
