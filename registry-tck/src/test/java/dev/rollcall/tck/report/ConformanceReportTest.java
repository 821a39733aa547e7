package dev.rollcall.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceReportTest {
    private static final Spec SPEC =
            Spec.parse("Version 1.\n### A-1\nIt MUST.\n> Intent: x\n### A-2\nIt MUST too.\n> Intent: x\n"
                    + "### B-1\nIt MAY.\n> Intent: x\n");

    private static TestResult test(String name, Status status, List<String> rules, List<String> violated, String note) {
        return new TestResult("Area", name, rules, status, violated, note, 1);
    }

    private static ConformanceReport report(TestResult... results) {
        return ConformanceReport.of("<b>", SPEC, 42, Duration.ofMillis(5), List.of(results));
    }

    private static TestResult passed(String... rules) {
        return test("passes", Status.VERIFIED, List.of(rules), List.of(), "");
    }

    @Test
    void allMustsVerifiedOrRefusedIsConformant() {
        ConformanceReport report =
                report(passed("A-1"), test("refuses", Status.REFUSED, List.of("A-2"), List.of(), ""));
        assertThat(report.isConformant()).isTrue();
        assertThat(report.isUnproven()).isFalse();
        assertThat(report.summary()).contains("<b> is conformant: 1 rules verified, 1 refused");
        assertThat(report.rules(Status.VERIFIED)).containsExactly("A-1");
        assertThat(report.rules(Status.REFUSED)).containsExactly("A-2");
        assertThat(report.rules(Status.NOT_VERIFIED)).containsExactly("B-1");
    }

    @Test
    void mustThatWasNotTestedIsNotConformant() {
        assertThat(report(passed("A-1")).isConformant()).isFalse();
        ConformanceReport partly = report(
                passed("A-1", "A-2"),
                test("hooked", Status.NOT_VERIFIED, List.of("A-2"), List.of(), "needs the hook CUT: none"));
        assertThat(partly.isConformant()).isFalse();
        assertThat(partly.isUnproven()).isTrue();
        assertThat(partly.summary()).contains("is not conformant for want of proof; nothing was found broken");
        assertThat(partly.table()).contains("Not verified:").contains("needs the hook CUT: none");
    }

    @Test
    void failureIsChargedToTheRuleItNames() {
        ConformanceReport report = report(
                passed("A-2"),
                test("fails", Status.FAILED, List.of("A-1"), List.of("A-2"), "[A-2] found"),
                passed("A-1"));
        assertThat(report.isConformant()).isFalse();
        assertThat(report.isUnproven()).isFalse();
        assertThat(report.summary()).contains("is not conformant; something was found broken");
        assertThat(report.rules(Status.FAILED)).containsExactly("A-2");
        assertThat(report.rules(Status.NOT_VERIFIED))
                .as("a rule whose test stopped at another")
                .contains("A-1");
        assertThat(report.table()).contains("Area.fails: [A-2] found").contains("is not conformant");
    }

    @Test
    void failedTestOfNoRuleIsNotConformant() {
        ConformanceReport report =
                report(passed("A-1", "A-2"), test("fixture", Status.FAILED, List.of(), List.of(), "no hooks"));
        assertThat(report.isConformant()).isFalse();
        assertThat(report.table()).contains("Failed test of no rule: fixture: no hooks");
    }

    @Test
    void formsEscapeWhatBackendsSay(@TempDir Path directory) throws IOException {
        ConformanceReport report = report(test(
                "fails", Status.FAILED, List.of("A-1"), List.of("A-1"), "\"quoted\" \\ \n\t <script> \ud800 \u0001"));
        report.write(directory.resolve("deep"));
        String json = Files.readString(directory.resolve("deep/conformance.json"));
        assertThat(json)
                .contains("\\\"quoted\\\" \\\\ \\n\\u0009 <script> \\ud800 \\u0001")
                .contains("\"conformant\": false")
                .contains("\"seed\": 42");
        String html = Files.readString(directory.resolve("deep/conformance.html"));
        assertThat(html)
                .contains("&lt;script&gt;")
                .contains("&lt;b&gt;")
                .doesNotContain("<script>")
                .doesNotContain("http");
    }

    @Test
    void versionOfTheKitIsKnown() {
        List<String> unknown = new ArrayList<>(List.of("unknown", "${project.version}"));
        assertThat(unknown).doesNotContain(Spec.kitVersion());
    }
}
