package dev.rollcall.tck.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report for a terminal: counts of rules by area, what failed, what was not verified, and the verdict. */
final class TextReport {
    private static final int NOTES = 3;
    private static final int WIDTH = 300;

    private final ConformanceReport report;

    TextReport(ConformanceReport report) {
        this.report = report;
    }

    String render() {
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT, "%-8s %9s %8s %7s %13s%n", "area", "verified", "refused", "failed", "not verified"));
        Map<String, int[]> areas = new LinkedHashMap<>();
        for (RuleResult result : report.rules()) {
            areas.computeIfAbsent(result.rule().area(), area -> new int[Status.values().length])[
                    result.status().ordinal()]++;
        }
        areas.forEach((area, counts) -> out.append(String.format(
                Locale.ROOT, "%-8s %9d %8d %7d %13d%n", area, counts[0], counts[1], counts[2], counts[3])));
        section(out, Status.FAILED, "Failed:");
        section(out, Status.NOT_VERIFIED, "Not verified:");
        report.tests(Status.FAILED).stream()
                .filter(test -> test.violated().isEmpty())
                .forEach(test ->
                        out.append(String.format("Failed test of no rule: %s: %s%n", test.name(), brief(test.note()))));
        return out.append(report.summary())
                .append(" Seed ")
                .append(report.seed())
                .append('.')
                .toString();
    }

    private void section(StringBuilder out, Status status, String title) {
        List<RuleResult> results = report.rules().stream()
                .filter(result -> result.status() == status)
                .toList();
        if (results.isEmpty()) {
            return;
        }
        out.append(title).append(System.lineSeparator());
        for (RuleResult result : results) {
            out.append(String.format(
                    "  %-9s %s%n", result.rule().id(), brief(result.rule().text())));
            result.notes().stream()
                    .limit(NOTES)
                    .forEach(note ->
                            out.append("            - ").append(brief(note)).append(System.lineSeparator()));
            if (result.notes().size() > NOTES) {
                out.append("            - and ")
                        .append(result.notes().size() - NOTES)
                        .append(" more")
                        .append(System.lineSeparator());
            }
        }
    }

    private static String brief(String text) {
        String line = text.replaceAll("\\s+", " ").trim();
        return line.length() <= WIDTH ? line : line.substring(0, WIDTH) + "…";
    }
}
