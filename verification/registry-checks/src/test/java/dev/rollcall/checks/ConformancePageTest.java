package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.RuleResult;
import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/conformance.md} says what runs of the kit have shown. A build on all servers has each column; another one compares the
 * columns that it has, and says which it does not prove. {@code -Dconformance.write} writes the columns that a build has.
 */
class ConformancePageTest {
    private static final Path PAGE = House.ROOT.resolve("docs/conformance.md");
    private static final Path NOT_PROVEN = House.ROOT.resolve("verification/registry-checks/target/not-proven.txt");
    private static final String STALE =
            "docs/conformance.md is stale: run `mvn verify -Pall-servers -Dconformance.write` and commit it";
    private static final String VERDICT = "**verdict**";

    @Test
    void thePageSaysWhatTheKitHasShown() throws IOException {
        Map<String, Map<String, String>> shown = shown(reports());
        Map<String, Map<String, String>> claimed = Files.exists(PAGE) ? claimed(Files.readString(PAGE)) : Map.of();
        if (System.getProperty("conformance.write") != null) {
            claimed = merged(claimed, shown);
            Files.writeString(PAGE, page(claimed));
        }
        List<String> missing = new ArrayList<>(claimed.keySet());
        missing.removeAll(shown.keySet());
        Files.writeString(
                NOT_PROVEN,
                missing.isEmpty()
                        ? "Every column of docs/conformance.md was proven."
                        : "Not proven by this build, but by one with -Pall-servers: the columns "
                                + String.join(", ", missing) + " of docs/conformance.md.");
        if (Boolean.getBoolean("all.servers")) {
            assertThat(missing)
                    .as("columns of docs/conformance.md that this build has not proven")
                    .isEmpty();
            assertThat(Files.readString(PAGE)).as(STALE).isEqualToNormalizingNewlines(page(claimed));
        }
        for (Map.Entry<String, Map<String, String>> column : shown.entrySet()) {
            assertThat(claimed.get(column.getKey()))
                    .as(STALE + "; " + column.getKey())
                    .isEqualTo(column.getValue());
        }
    }

    /** The columns of a page: for each backend, its cells by their rule. */
    private static Map<String, Map<String, String>> claimed(String page) {
        List<String[]> rows = page.lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> line.split("\\|", -1))
                .toList();
        Map<String, Map<String, String>> columns = new LinkedHashMap<>();
        String[] backends = rows.get(0);
        for (int i = 2; i < backends.length - 1; i++) {
            Map<String, String> cells = new LinkedHashMap<>();
            for (String[] row : rows.subList(2, rows.size())) {
                String cell = row[i].strip();
                if (!cell.isEmpty()) {
                    cells.put(row[1].strip(), cell);
                }
            }
            columns.put(backends[i].strip(), cells);
        }
        return columns;
    }

    /** What a build has shown, in place of what the page said of the same backends; versions of one store stand together. */
    private static Map<String, Map<String, String>> merged(
            Map<String, Map<String, String>> claimed, Map<String, Map<String, String>> shown) {
        Map<String, TreeMap<String, Map<String, String>>> stores = new LinkedHashMap<>();
        for (Map<String, Map<String, String>> columns : List.of(claimed, shown)) {
            columns.forEach(
                    (backend, cells) -> stores.computeIfAbsent(backend.split("-", 2)[0], store -> new TreeMap<>())
                            .put(backend, cells));
        }
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        stores.values().forEach(all::putAll);
        return all;
    }

    /**
     * The reports of all backends, in the order of the modules and then of their names. Classes that share a run of the kit write a report each,
     * which becomes one: a test counts as left out only if no class has it.
     */
    private static List<ConformanceReport> reports() throws IOException {
        List<ConformanceReport> reports = new ArrayList<>();
        for (Path module : House.modules()) {
            Path folder = module.resolve("target/conformance");
            // The kit's own module tests backends that are no good, and what decorates a backend is none.
            if (!Files.isDirectory(folder)
                    || module.endsWith("registry-tck")
                    || module.endsWith("registry-micrometer")) {
                continue;
            }
            try (Stream<Path> backends = Files.list(folder)) {
                for (Path backend : backends.sorted().toList()) {
                    report(backend).ifPresent(reports::add);
                }
            }
        }
        assertThat(reports)
                .as("reports of the kit; did the backends' tests run?")
                .isNotEmpty();
        return reports;
    }

    /** What is known about one backend; nothing if its folder only holds histories, as of one that is broken on purpose. */
    private static Optional<ConformanceReport> report(Path folder) throws IOException {
        Map<String, TestResult> tests = new LinkedHashMap<>();
        try (Stream<Path> files = Files.find(
                folder, 2, (file, attributes) -> file.endsWith("conformance.json") && attributes.isRegularFile())) {
            for (Path file : files.sorted().toList()) {
                for (JsonNode test : new ObjectMapper().readTree(file.toFile()).get("tests")) {
                    TestResult result = result(test);
                    tests.merge(
                            result.area() + "." + result.name(),
                            result,
                            (one, other) -> one.status() == Status.NOT_VERIFIED ? other : one);
                }
            }
        }
        String name = folder.getFileName().toString();
        return tests.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        ConformanceReport.of(name, Spec.shipped(), 0, Duration.ZERO, List.copyOf(tests.values())));
    }

    private static TestResult result(JsonNode test) {
        return new TestResult(
                test.get("area").asText(),
                test.get("name").asText(),
                texts(test.get("rules")),
                Status.valueOf(test.get("status").asText()),
                texts(test.get("violated")),
                test.get("note").asText(),
                test.get("millis").asLong());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static Map<String, Map<String, String>> shown(List<ConformanceReport> reports) {
        Map<String, Map<String, String>> columns = new LinkedHashMap<>();
        for (ConformanceReport report : reports) {
            Map<String, String> cells = new LinkedHashMap<>();
            cells.put(VERDICT, verdict(report));
            for (RuleResult result : report.rules()) {
                String id = result.rule().id();
                cells.put(
                        "[" + id + "](spec.md#" + id.toLowerCase(Locale.ROOT) + ")",
                        result.status().name().toLowerCase(Locale.ROOT).replace('_', ' '));
            }
            columns.put(report.backend(), cells);
        }
        return columns;
    }

    private static String page(Map<String, Map<String, String>> columns) {
        StringBuilder page = new StringBuilder("""
                # Conformance

                What the words mean is in the [glossary](glossary.md).

                The results of the [test kit](writing-a-backend.md) for each backend, rule by rule of [the contract](spec.md). Written by the build
                on all servers, `mvn verify -Pall-servers`; each build fails if its results differ, and says which columns it does not prove. *Refused* means that the
                backend does not have the capability and refuses its use, and *not verified* that some test of the rule was not run against it; the page
                of [the backend](backends/) says why.

                """);
        row(page, "", columns.keySet());
        row(page, "---", columns.keySet().stream().map(backend -> "---").toList());
        // The longest column knows every rule, in the order of the contract.
        columns.values().stream()
                .max(Comparator.comparingInt(Map::size))
                .orElseThrow()
                .keySet()
                .forEach(rule -> row(
                        page,
                        rule,
                        columns.values().stream()
                                .map(cells -> cells.getOrDefault(rule, ""))
                                .toList()));
        return page.toString();
    }

    private static String verdict(ConformanceReport report) {
        if (report.isConformant()) {
            return "**conformant**";
        }
        return report.rules(Status.FAILED).isEmpty() ? "**not all verified**" : "**not conformant**";
    }

    private static void row(StringBuilder page, String first, Collection<String> cells) {
        page.append("| ")
                .append(first)
                .append(" | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }
}
