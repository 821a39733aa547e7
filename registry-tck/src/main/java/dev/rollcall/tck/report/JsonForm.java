package dev.rollcall.tck.report;

import java.util.List;
import java.util.stream.Collectors;

/** Reports as JSON, written by hand: the kit brings no JSON library into a backend's build. */
public final class JsonForm {
    private final ConformanceReport report;

    JsonForm(ConformanceReport report) {
        this.report = report;
    }

    String render() {
        return "{\n"
                + "  \"backend\": " + quote(report.backend()) + ",\n"
                + "  \"conformant\": " + report.isConformant() + ",\n"
                + "  \"spec\": " + report.specVersion() + ",\n"
                + "  \"kit\": " + quote(report.kitVersion()) + ",\n"
                + "  \"seed\": " + report.seed() + ",\n"
                + "  \"millis\": " + report.took().toMillis() + ",\n"
                + "  \"rules\": [\n"
                + report.rules().stream().map(JsonForm::rule).collect(Collectors.joining(",\n"))
                + "\n  ],\n"
                + "  \"tests\": [\n"
                + report.tests().stream().map(JsonForm::test).collect(Collectors.joining(",\n"))
                + "\n  ]\n}\n";
    }

    private static String rule(RuleResult result) {
        return "    {\"id\": " + quote(result.rule().id())
                + ", \"status\": " + quote(result.status().name())
                + ", \"text\": " + quote(result.rule().text())
                + ", \"tests\": "
                + array(result.tests().stream().map(TestResult::name).toList())
                + ", \"notes\": " + array(result.notes()) + "}";
    }

    private static String test(TestResult test) {
        return "    {\"area\": " + quote(test.area())
                + ", \"name\": " + quote(test.name())
                + ", \"status\": " + quote(test.status().name())
                + ", \"rules\": " + array(test.rules())
                + ", \"violated\": " + array(test.violated())
                + ", \"millis\": " + test.millis()
                + ", \"note\": " + quote(test.note()) + "}";
    }

    private static String array(List<String> texts) {
        return texts.stream().map(JsonForm::quote).collect(Collectors.joining(", ", "[", "]"));
    }

    /** A text as a JSON string, quotes included. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    // Lone surrogates and control characters of a hostile key would make the file unreadable.
                    if (c < 0x20 || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
