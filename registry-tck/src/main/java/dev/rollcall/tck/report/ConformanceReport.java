package dev.rollcall.tck.report;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one run of the kit has shown about one backend.
 *
 * @param backend the name of the backend
 * @param specVersion the version of the contract
 * @param kitVersion the version of the kit
 * @param seed repeats the run
 * @param took how long it took
 * @param rules every rule of the contract, in its order
 * @param tests every test that was run or could not be
 */
public record ConformanceReport(
        String backend,
        int specVersion,
        String kitVersion,
        long seed,
        Duration took,
        List<RuleResult> rules,
        List<TestResult> tests) {
    public ConformanceReport {
        requireNonNull(backend, "backend");
        rules = List.copyOf(rules);
        tests = List.copyOf(tests);
    }

    /** Draws the conclusions from what the tests found. */
    public static ConformanceReport of(String backend, Spec spec, long seed, Duration took, List<TestResult> tests) {
        List<RuleResult> rules =
                spec.rules().stream().map(rule -> RuleResult.of(rule, tests)).toList();
        return new ConformanceReport(backend, spec.version(), Spec.kitVersion(), seed, took, rules, tests);
    }

    /** Whether no test failed and every MUST is verified, or refused where a capability is not declared. */
    public boolean isConformant() {
        return tests.stream().noneMatch(test -> test.status() == Status.FAILED)
                && rules.stream()
                        .filter(result -> result.rule().isMust())
                        .filter(result -> result.rule().untested().isEmpty())
                        .allMatch(result -> result.status() == Status.VERIFIED || result.status() == Status.REFUSED);
    }

    /**
     * Whether nothing but proof is wanting for {@link #isConformant()}: no test failed, but some MUST could not be verified, as for want of
     * hooks.
     */
    public boolean isUnproven() {
        return !isConformant() && tests(Status.FAILED).isEmpty();
    }

    /** The ids of the rules with this status, sorted. */
    public Set<String> rules(Status status) {
        Set<String> ids = new TreeSet<>();
        rules.stream()
                .filter(result -> result.status() == status)
                .forEach(result -> ids.add(result.rule().id()));
        return ids;
    }

    /** The tests with this status. */
    public List<TestResult> tests(Status status) {
        return tests.stream().filter(test -> test.status() == status).toList();
    }

    /** One line: the verdict and the counts behind it. */
    public String summary() {
        String verdict = isConformant()
                ? " is conformant: "
                : isUnproven()
                        ? " is not conformant for want of proof; nothing was found broken: "
                        : " is not conformant; something was found broken: ";
        return backend + verdict
                + rules(Status.VERIFIED).size() + " rules verified, "
                + rules(Status.REFUSED).size() + " refused, "
                + rules(Status.FAILED).size() + " failed, "
                + rules(Status.NOT_VERIFIED).size() + " not verified; "
                + tests.size() + " tests in " + took.toMillis() + " ms.";
    }

    /** A table for a terminal: one line for each area, one for each rule that is not kept or not proven, and the summary. */
    public String table() {
        return new TextReport(this).render();
    }

    /** The report as JSON. */
    public String json() {
        return new JsonForm(this).render();
    }

    /** The report as one HTML page that needs nothing else. */
    public String html() {
        return new HtmlPage(this).render();
    }

    /** Writes {@code conformance.json} and {@code conformance.html} into a directory, which is created if it is missing. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("conformance.json"), json());
        Files.writeString(directory.resolve("conformance.html"), html());
    }
}
