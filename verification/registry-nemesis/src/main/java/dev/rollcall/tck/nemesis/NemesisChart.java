package dev.rollcall.tck.nemesis;

import static dev.rollcall.tck.report.HtmlPage.escape;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * A chart of a run along its time: the rounds, a row for each fault, and the operations of each second. It looks like the page of a history.
 */
final class NemesisChart {
    static final String STYLE = """
            .frame{display:flex;border:1px solid #d9dde5;border-radius:6px;background:#fff}
            .frame>svg{flex:none;border-right:1px solid #d9dde5}.scroll{overflow-x:auto}
            svg text{font:10px ui-monospace,monospace;fill:#1f2430}svg .lane{font:600 12px system-ui,sans-serif}
            svg .axis{fill:#606878;text-anchor:middle}.tick{stroke:#eef0f4}
            .round{fill:#e3e6ec;stroke:#9aa2b1}.bad{fill:#fbe3e1;stroke:#d21f15;stroke-width:2}
            .fault{fill:#d21f15;opacity:.55}.healing{fill:#f6dc9a;stroke:#c99a25}
            .done{fill:#a8d5ba}.notdone{fill:#9aa2b1}.doubt{fill:#e0a21b}.violation{stroke:#d21f15;stroke-width:3}
            .legend{margin:8px 0}.legend span{margin-right:16px;white-space:nowrap}
            .legend i{display:inline-block;width:14px;height:12px;border-radius:3px;margin-right:5px;vertical-align:-1px}
            """;

    private static final String LEGEND = """
            <div class="legend"><span><i style="background:#a8d5ba"></i>answered</span>
            <span><i style="background:#9aa2b1"></i>failed for certain</span>
            <span><i style="background:#e0a21b"></i>in doubt</span>
            <span><i style="background:#d21f15;opacity:.55"></i>fault</span>
            <span><i style="background:#f6dc9a"></i>undone, until a write was acknowledged</span>
            <span><i style="background:#d21f15"></i>violation</span></div>
            """;

    private static final int LABELS = 175;
    private static final int TOP = 20;
    private static final int LANE = 20;
    private static final int BARS = 120;
    private static final int GAP = 24;
    private static final int WANTED_WIDTH = 1_000;
    private static final int LEAST_SCALE = 4;
    private static final int MOST_SCALE = 20;
    private static final int TICK_PIXELS = 60;

    private final NemesisReport report;
    private final List<Fault> lanes;
    /** Pixels for a second. */
    private final int scale;

    private final int width;
    private final int height;
    private final int most;

    NemesisChart(NemesisReport report) {
        this.report = report;
        TreeSet<Fault> came = new TreeSet<>(report.faults().keySet());
        this.lanes = new ArrayList<>(came);
        int seconds = 1 + Math.toIntExact(report.took().toSeconds());
        this.scale = Math.max(LEAST_SCALE, Math.min(MOST_SCALE, WANTED_WIDTH / seconds));
        this.width = scale * (seconds + 1);
        this.height = TOP + LANE * (1 + lanes.size()) + GAP + BARS + GAP;
        this.most = Math.max(
                1,
                report.timeline().stream()
                        .flatMap(round -> round.pulses().stream())
                        .mapToInt(Pulse::all)
                        .max()
                        .orElse(1));
    }

    String render() {
        return LEGEND + "<div class=\"frame\">" + labels() + "<div class=\"scroll\">" + chart() + "</div></div>\n";
    }

    private static String svg(int width, int height, String content) {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height + "\">" + content
                + "</svg>\n";
    }

    private String labels() {
        StringBuilder out = new StringBuilder(label("rounds", TOP));
        for (int i = 0; i < lanes.size(); i++) {
            out.append(label(lanes.get(i).label(), lane(i)));
        }
        return svg(
                LABELS,
                height,
                out.append(label("operations per second", floor() - BARS / 2 - LANE / 2))
                        .append(label("at most " + most, floor() - BARS / 2 + LANE / 2))
                        .toString());
    }

    private static String label(String text, int y) {
        return "<text class=\"lane\" x=\"6\" y=\"" + (y + 14) + "\">" + text + "</text>";
    }

    private static int lane(int number) {
        return TOP + LANE * (1 + number);
    }

    /** Where bars stand. */
    private int floor() {
        return height - GAP;
    }

    private String chart() {
        StringBuilder out = new StringBuilder();
        int step = step();
        for (int second = 0; scale * second < width; second += step) {
            double x = x(Duration.ofSeconds(second));
            out.append(String.format(
                    Locale.ROOT,
                    "<line class=\"tick\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
                            + "<text class=\"axis\" x=\"%.1f\" y=\"14\">%s</text>",
                    x,
                    TOP,
                    x,
                    floor(),
                    x,
                    second == 0 ? "" : second % 60 == 0 ? second / 60 + " min" : second + " s"));
        }
        int violation = 0;
        for (NemesisRound round : report.timeline()) {
            round(out, round);
            for (int i = 0; i < round.violations().size(); i++) {
                violation++;
                violation(out, round, i, violation);
            }
        }
        return svg(width, height, out.toString());
    }

    private int step() {
        for (int step : new int[] {1, 2, 5, 10, 20, 30}) {
            if (step * scale >= TICK_PIXELS) {
                return step;
            }
        }
        return 60;
    }

    private void round(StringBuilder out, NemesisRound round) {
        String what = "round " + round.number() + ", " + round.workload() + ", seed " + round.seed() + ", "
                + round.operations() + " operations, " + round.violations().size() + " violations";
        out.append("<a href=\"#r").append(round.number()).append("\">");
        bar(out, round.violations().isEmpty() ? "round" : "bad", round.from(), round.until(), TOP, what);
        out.append("</a>");
        text(out, x(round.from()) + 4, TOP + 13, Integer.toString(round.number()));
        for (FaultTime time : round.faults()) {
            int y = lane(lanes.indexOf(time.fault()));
            String told = time.fault().label() + ", " + NemesisPage.seconds(time.from()) + " to "
                    + NemesisPage.seconds(time.until()) + ", then "
                    + time.recovery().toMillis() + " ms until a write was acknowledged";
            bar(out, "fault", time.from(), time.until(), y, told);
            bar(out, "healing", time.until(), time.served(), y, told);
        }
        round.pulses().forEach(pulse -> pulse(out, pulse));
    }

    private void pulse(StringBuilder out, Pulse pulse) {
        out.append("<g><title>")
                .append(pulse.second())
                .append(" s: ")
                .append(pulse.done())
                .append(" answered, ")
                .append(pulse.failed())
                .append(" failed, ")
                .append(pulse.inDoubt())
                .append(" in doubt</title>");
        // What went wrong stands at the floor, and is seen even if it is little.
        double bottom = stack(out, "doubt", pulse.second(), pulse.inDoubt(), floor());
        bottom = stack(out, "notdone", pulse.second(), pulse.failed(), bottom);
        stack(out, "done", pulse.second(), pulse.done(), bottom);
        out.append("</g>");
    }

    private double stack(StringBuilder out, String kind, int second, int count, double bottom) {
        if (count == 0) {
            return bottom;
        }
        double tall = Math.max(2, 1.0 * BARS * count / most);
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
                kind,
                second * scale,
                bottom - tall,
                scale - 1,
                tall));
        return bottom - tall;
    }

    private void violation(StringBuilder out, NemesisRound round, int place, int number) {
        double x = x(round.until()) - 3 * place;
        out.append(String.format(
                Locale.ROOT,
                "<a href=\"#v%d\"><line class=\"violation\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"><title>%s</title>"
                        + "</line></a>",
                number,
                x,
                TOP,
                x,
                floor(),
                escape(round.violations().get(place))));
    }

    private void bar(StringBuilder out, String kind, Duration from, Duration until, int y, String what) {
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>",
                kind,
                x(from),
                y + 2,
                Math.max(1, x(until) - x(from)),
                LANE - 4,
                escape(what)));
    }

    private static void text(StringBuilder out, double x, int y, String text) {
        out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x, y, text));
    }

    private double x(Duration since) {
        return since.toMillis() * scale / 1_000.0;
    }
}
