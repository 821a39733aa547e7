package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/conformance.md} says what this build's runs of the kit have shown; {@code -Dconformance.write} writes it anew. */
class ConformancePageTest {
    private static final Path PAGE = House.ROOT.resolve("docs/conformance.md");

    @Test
    void thePageSaysWhatTheKitHasShown() throws IOException {
        String page = page(reports());
        if (System.getProperty("conformance.write") != null) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE)
                .as("run `mvn verify -Dconformance.write` and commit docs/conformance.md")
                .exists();
        assertThat(Files.readString(PAGE))
                .as("docs/conformance.md is stale: run `mvn verify -Dconformance.write` and commit it")
                .isEqualToNormalizingNewlines(page);
    }

    /** The reports of all backends, in the order of the modules and then of their names. */
    private static List<JsonNode> reports() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> reports = new ArrayList<>();
        for (Path module : House.modules()) {
            Path folder = module.resolve("target/conformance");
            // The kit's own module tests backends that are no good, and what decorates a backend is none.
            if (!Files.isDirectory(folder)
                    || module.endsWith("registry-tck")
                    || module.endsWith("registry-micrometer")) {
                continue;
            }
            try (Stream<Path> backends = Files.list(folder)) {
                // A folder without a report holds histories of backends that are broken on purpose.
                for (Path report : backends.map(backend -> backend.resolve("conformance.json"))
                        .filter(Files::exists)
                        .sorted(Comparator.naturalOrder())
                        .toList()) {
                    reports.add(json.readTree(report.toFile()));
                }
            }
        }
        assertThat(reports)
                .as("reports of the kit; did the backends' tests run?")
                .isNotEmpty();
        return reports;
    }

    private static String page(List<JsonNode> reports) {
        StringBuilder page = new StringBuilder("""
                # Conformance

                What the [test kit](writing-a-backend.md) has shown about each backend, rule by rule of [the contract](spec.md). Written by the build,
                which fails when this page is stale. *Refused* means that the backend does not have the capability and says so as it must, and *not
                verified* that some test of the rule was not run against it; why is said [with the backend](backends/).

                """);
        row(
                page,
                "",
                reports.stream().map(report -> report.get("backend").asText()).toList());
        row(page, "---", reports.stream().map(report -> "---").toList());
        row(
                page,
                "**verdict**",
                reports.stream().map(ConformancePageTest::verdict).toList());
        Map<String, List<String>> rules = new LinkedHashMap<>();
        for (int i = 0; i < reports.size(); i++) {
            for (JsonNode rule : reports.get(i).get("rules")) {
                List<String> cells = rules.computeIfAbsent(rule.get("id").asText(), id -> new ArrayList<>());
                while (cells.size() < i) {
                    cells.add("");
                }
                cells.add(rule.get("status").asText().toLowerCase(Locale.ROOT).replace('_', ' '));
            }
        }
        rules.forEach((id, cells) -> row(page, "[" + id + "](spec.md#" + id.toLowerCase(Locale.ROOT) + ")", cells));
        return page.toString();
    }

    private static String verdict(JsonNode report) {
        if (report.get("conformant").asBoolean()) {
            return "**conformant**";
        }
        boolean broken = false;
        for (JsonNode rule : report.get("rules")) {
            broken |= rule.get("status").asText().equals("FAILED");
        }
        return broken ? "**not conformant**" : "**not all verified**";
    }

    private static void row(StringBuilder page, String first, List<String> cells) {
        page.append("| ")
                .append(first)
                .append(" | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }
}
