package dev.rollcall.tck.nemesis;

import static dev.rollcall.tck.report.HtmlPage.escape;

import dev.rollcall.tck.report.HtmlPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The report as a page: the verdict, the figures, the run along its time, and every round. */
final class NemesisPage {
    /** How a violation names the page of its history, which is in the same directory as this one. */
    private static final Pattern HISTORY = Pattern.compile("(?:replay|order)-\\d+-smallest\\.html");

    private final NemesisReport report;

    NemesisPage(NemesisReport report) {
        this.report = report;
    }

    String render() {
        String title = "Faults on " + report.cluster();
        String verdict = report.violations().isEmpty()
                ? "No violation was found."
                : counted(report.violations().size()) + " found.";
        return HtmlPage.frame(
                title,
                NemesisChart.STYLE,
                "<h1>" + escape(title) + "</h1>\n<p class=\""
                        + (report.violations().isEmpty() ? "verified" : "failed") + "\">" + verdict
                        + "</p>\n<p><small>Seed " + report.seed() + ", " + seconds(report.took()) + "</small></p>\n"
                        + violations()
                        + known()
                        + "<h2>Timeline</h2>\n" + new NemesisChart(report).render()
                        + "<h2>Figures</h2>\n<table>\n" + figures() + "</table>\n"
                        + "<h2>Faults</h2>\n" + faults()
                        + "<h2>Rounds</h2>\n" + rounds());
    }

    private String violations() {
        if (report.violations().isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("<h2>Violations</h2>\n<ol>\n");
        int number = 0;
        for (String violation : report.violations()) {
            number++;
            out.append("<li id=\"v").append(number).append("\">").append(escape(violation));
            Matcher history = HISTORY.matcher(violation);
            if (history.find()) {
                out.append(" <a href=\"").append(history.group()).append("\">its history</a>");
            }
            out.append("</li>\n");
        }
        return out.append("</ol>\n").toString();
    }

    private String known() {
        if (report.known().isEmpty()) {
            return "";
        }
        StringBuilder out =
                new StringBuilder("<h2>Known faults of the servers</h2>\n<p>No client can prevent them, and they are"
                        + " not counted as violations.</p>\n<ol>\n");
        for (KnownFinding finding : report.known()) {
            String upstream = escape(finding.fault().upstream());
            out.append("<li><a href=\"")
                    .append(upstream)
                    .append("\">")
                    .append(upstream)
                    .append("</a>: ");
            out.append(escape(finding.what())).append("</li>\n");
        }
        return out.append("</ol>\n").toString();
    }

    private String figures() {
        HolderFigures holders = report.holders();
        return row(
                        "histories",
                        report.rounds() + " judged, " + report.undecided() + " of them undecided by replay, "
                                + report.unordered() + " by search")
                + row(
                        "operations",
                        new TreeMap<>(report.operations())
                                .entrySet().stream()
                                        .map(entry -> entry.getValue() + " " + entry.getKey())
                                        .collect(Collectors.joining(", ")))
                + row("signals", Integer.toString(report.signals()))
                + row("leases", holders.leases() + " held, " + holders.leasesLost() + " of them lost")
                + row(
                        "locks",
                        holders.turns() + " turns, " + holders.turnsLost() + " of them lost; "
                                + holders.guardedWrites() + " guarded writes, " + holders.refusedWrites()
                                + " refused when their turn was over")
                + row("recovery", report.recovery())
                + row(
                        "known faults of the servers",
                        Integer.toString(report.known().size()));
    }

    private static String row(String name, String figures) {
        return "<tr><th>" + name + "</th><td>" + escape(figures) + "</td></tr>\n";
    }

    private String faults() {
        Map<Fault, List<Duration>> recoveries = new EnumMap<>(Fault.class);
        for (NemesisRound round : report.timeline()) {
            for (FaultTime time : round.faults()) {
                recoveries
                        .computeIfAbsent(time.fault(), fault -> new ArrayList<>())
                        .add(time.recovery());
            }
        }
        if (recoveries.isEmpty()) {
            return "<p>None came.</p>\n";
        }
        StringBuilder out = new StringBuilder(
                "<table><tr><th>Fault</th><th>Times</th><th>Recovery, median</th><th>Longest</th></tr>\n");
        recoveries.forEach((fault, times) -> {
            List<Duration> sorted = times.stream().sorted().toList();
            out.append("<tr><td>")
                    .append(fault.label())
                    .append("</td><td>")
                    .append(sorted.size())
                    .append("</td><td>")
                    .append(sorted.get(sorted.size() / 2).toMillis())
                    .append(" ms")
                    .append("</td><td>")
                    .append(sorted.get(sorted.size() - 1).toMillis())
                    .append(" ms</td></tr>\n");
        });
        return out.append("</table>\n").toString();
    }

    private String rounds() {
        return report.timeline().stream()
                .map(NemesisPage::round)
                .collect(Collectors.joining(
                        "",
                        "<table><tr><th>Round</th><th>Workload</th><th>Seed</th><th>Begun</th><th>Operations</th>"
                                + "<th>Failed</th><th>In doubt</th><th>Faults, and recovery</th><th>Violations</th></tr>\n",
                        "</table>\n"));
    }

    private static String round(NemesisRound round) {
        int failed = round.pulses().stream().mapToInt(Pulse::failed).sum();
        int doubt = round.pulses().stream().mapToInt(Pulse::inDoubt).sum();
        String faults = round.faults().stream()
                .map(time -> time.fault().label() + " " + time.recovery().toMillis() + " ms")
                .collect(Collectors.joining(", "));
        return "<tr id=\"r" + round.number() + "\"><td>" + round.number() + "</td><td>" + round.workload() + "</td><td>"
                + round.seed() + "</td><td>" + seconds(round.from()) + "</td><td>" + round.operations() + "</td><td>"
                + failed + "</td><td>" + doubt + "</td><td>" + faults + "</td><td>"
                + (round.violations().isEmpty()
                        ? ""
                        : "<span class=\"failed\">" + round.violations().size() + "</span>")
                + "</td></tr>\n";
    }

    private static String counted(int violations) {
        return violations == 1 ? "1 violation was" : violations + " violations were";
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1_000.0);
    }
}
