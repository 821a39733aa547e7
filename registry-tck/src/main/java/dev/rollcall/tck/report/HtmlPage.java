package dev.rollcall.tck.report;

import java.util.Locale;
import java.util.stream.Collectors;

/** Pages of the kit's reports: no script, no external resource. */
public final class HtmlPage {
    private static final String STYLE = """
            body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24}
            h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
            table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d8dee4;padding:.35rem .5rem;text-align:left;vertical-align:top}
            .verified{color:#116329}.refused{color:#57606a}.failed{color:#a40e26;font-weight:600}.not_verified{color:#7d4e00}
            small,.intent{color:#57606a}ul{margin:.2rem 0 0 1rem;padding:0}li{overflow-wrap:anywhere}
            @media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}td,th{border-color:#30363d}
            .verified{color:#56d364}.failed{color:#ff7b72}.not_verified{color:#e3b341}small,.intent,.refused{color:#9198a1}}
            """;

    private final ConformanceReport report;

    HtmlPage(ConformanceReport report) {
        this.report = report;
    }

    String render() {
        return frame(
                "Conformance of " + report.backend(),
                "",
                "<h1>Conformance of " + escape(report.backend()) + "</h1>\n<p class=\""
                        + (report.isConformant() ? "verified" : "failed") + "\">" + escape(report.summary())
                        + "</p>\n<p><small>Contract version "
                        + report.specVersion() + ", kit " + escape(report.kitVersion()) + ", seed " + report.seed()
                        + "</small></p>\n<h2>Rules</h2>\n<table><tr><th>Rule</th><th>Status</th><th>What it demands</th><th>Tests</th></tr>\n"
                        + report.rules().stream().map(HtmlPage::rule).collect(Collectors.joining())
                        + "</table>\n<h2>Tests</h2>\n<table><tr><th>Test</th><th>Status</th><th>Rules</th><th>ms</th></tr>\n"
                        + report.tests().stream().map(HtmlPage::test).collect(Collectors.joining())
                        + "</table>\n");
    }

    /**
     * A page in the style of the kit.
     *
     * @param title its title, not escaped yet
     * @param style more style
     * @param body what it shows, as HTML
     */
    public static String frame(String title, String style, String body) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\">\n"
                + "<title>" + escape(title) + "</title>\n<style>\n" + STYLE + style
                + "</style></head><body>\n" + body + "</body></html>\n";
    }

    private static String rule(RuleResult result) {
        return "<tr><td>" + escape(result.rule().id()) + "</td>" + status(result.status()) + "<td>"
                + escape(result.rule().text()) + "<br><small>"
                + escape(result.rule().intent()) + "</small>"
                + (result.notes().isEmpty()
                        ? ""
                        : result.notes().stream()
                                .map(note -> "<li>" + escape(note) + "</li>")
                                .collect(Collectors.joining("", "<ul>", "</ul>")))
                + "</td><td>" + result.tests().size() + "</td></tr>\n";
    }

    private static String test(TestResult test) {
        return "<tr><td>" + escape(test.area() + "." + test.name())
                + (test.note().isEmpty() ? "" : "<br><small>" + escape(test.note()) + "</small>") + "</td>"
                + status(test.status()) + "<td>" + escape(String.join(", ", test.rules())) + "</td><td>" + test.millis()
                + "</td></tr>\n";
    }

    private static String status(Status status) {
        String name = status.name().toLowerCase(Locale.ROOT);
        return "<td class=\"" + name + "\">" + name.replace('_', ' ') + "</td>";
    }

    /** Text as it stands in HTML, in attributes too; what cannot be written in UTF-8 is spelled out. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default -> {
                    // Half a surrogate pair, as in a refused key, has no UTF-8 and would stop the file from being
                    // written.
                    boolean hidden =
                            Character.isSurrogate(c) || (Character.isISOControl(c) && !Character.isWhitespace(c));
                    out.append(hidden ? String.format("\\u%04x", (int) c) : String.valueOf(c));
                }
            }
        }
        return out.toString();
    }
}
