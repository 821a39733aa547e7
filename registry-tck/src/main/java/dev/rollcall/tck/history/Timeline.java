package dev.rollcall.tck.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Draws a history as one HTML page without any other file: a row for each client, a bar for each operation from call to return, a mark for each signal of a
 * watch, a band for each fault, and the violations above, their operations outlined.
 *
 * <p>Time runs by the order of events rather than by the clock, since most of a history happens in bursts; the clock is on the axis and
 * in the details.
 */
public final class Timeline {
    private static final int LABELS = 130;
    private static final int LEFT = 40;
    private static final int ROW = 20;
    private static final int TOP = 44;
    /** Room for a few letters in the shortest bar, and for a whole small history on a screen. */
    private static final int NARROWEST = 26;

    private static final int WIDEST = 90;
    private static final int SCREEN = 1250;
    private static final int TICK = 10;
    private static final int LETTER = 6;

    private final History history;
    private final List<Violation> violations;
    private final Set<Integer> guilty = new HashSet<>();
    private final Set<Integer> guiltyWatches = new HashSet<>();
    private final List<Moment> moments = new ArrayList<>();
    private final Map<Long, Integer> places = new TreeMap<>();
    private final StringBuilder svg = new StringBuilder();
    private final StringBuilder labels = new StringBuilder();
    private int bottom = TOP;
    private int step = NARROWEST;

    private Timeline(History history, List<Violation> violations) {
        this.history = history;
        this.violations = violations;
        for (Violation violation : violations) {
            guilty.addAll(violation.operations());
            guiltyWatches.addAll(violation.watches());
        }
    }

    /** Writes the page to a file, whose directory must exist. */
    public static void write(History history, Verdict verdict, Path file) {
        try {
            Files.writeString(file, html(history, verdict));
        } catch (IOException e) {
            throw new UncheckedIOException("The timeline cannot be written to " + file + ".", e);
        }
    }

    /** The page as text. */
    public static String html(History history, Verdict verdict) {
        return new Timeline(history, verdict.violations()).page(verdict);
    }

    private String page(Verdict verdict) {
        place();
        lanes();
        StringBuilder html = new StringBuilder(TimelineStyle.HEAD);
        html.append("<h1>")
                .append(verdict.kind())
                .append("</h1><p>")
                .append(escape(verdict.remark()))
                .append("</p><p class=\"sum\">")
                .append(history.operations().size())
                .append(" operations, ")
                .append(history.watches().size())
                .append(" watches</p><ol>");
        for (Violation violation : violations) {
            html.append("<li><b>").append(escape(violation.rule())).append("</b> ");
            html.append(escape(violation.message())).append("</li>");
        }
        html.append("</ol>").append(TimelineStyle.LEGEND);
        int width = LEFT + (moments.size() + 2) * step;
        html.append(String.format(
                "<div class=\"frame\"><svg width=\"%d\" height=\"%d\">%s</svg>", LABELS, bottom + TICK, labels));
        html.append(String.format(
                "<div class=\"scroll\"><svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"timeline\">",
                width, bottom + TICK));
        axis(html);
        marks(html);
        return html.append(svg).append("</svg></div></div></body></html>\n").toString();
    }

    private void place() {
        for (Operation operation : history.operations()) {
            moments.add(operation.called());
            if (operation.returned() != null) {
                moments.add(operation.returned());
            }
        }
        history.watches().forEach(watch -> watch.deliveries().forEach(delivery -> moments.add(delivery.at())));
        moments.sort(Comparator.naturalOrder());
        moments.forEach(moment -> places.put(moment.order(), places.size()));
        step = Math.max(NARROWEST, Math.min(WIDEST, SCREEN / (moments.size() + 1)));
    }

    private int x(Moment moment) {
        Integer place = places.get(moment.order());
        if (place != null) {
            return LEFT + place * step;
        }
        int before =
                (int) moments.stream().filter(other -> other.isBefore(moment)).count();
        return LEFT + before * step;
    }

    private int end() {
        return LEFT + (moments.size() + 1) * step;
    }

    private void lanes() {
        Map<String, List<Operation>> byClient = new TreeMap<>();
        history.operations()
                .forEach(operation -> byClient.computeIfAbsent(operation.client(), c -> new ArrayList<>())
                        .add(operation));
        history.watches().forEach(watch -> byClient.computeIfAbsent(watch.client(), c -> new ArrayList<>()));
        byClient.forEach((client, operations) -> {
            int top = bottom;
            List<Integer> rows = new ArrayList<>();
            for (Operation operation : operations) {
                bar(operation, top + row(rows, operation) * ROW);
            }
            bottom += rows.size() * ROW;
            history.watches().stream()
                    .filter(watch -> watch.client().equals(client))
                    .forEach(this::watch);
            label("lane", top + 14, client);
            bottom += ROW / 2;
            svg.append(String.format(
                    "<line class=\"rule\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", end(), bottom - 4, bottom - 4));
        });
    }

    /** In a column of its own, which stays when the rest is scrolled. */
    private void label(String style, int y, String text) {
        labels.append(String.format("<text class=\"%s\" x=\"8\" y=\"%d\">%s</text>", style, y, escape(text)));
    }

    /** The first row of a lane that is free when the operation begins: what overlaps lies one below the other. */
    private int row(List<Integer> rows, Operation operation) {
        int from = x(operation.called());
        int until = operation.returned() == null ? end() : x(operation.returned());
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i) <= from) {
                rows.set(i, until);
                return i;
            }
        }
        rows.add(until);
        return rows.size() - 1;
    }

    private void bar(Operation operation, int y) {
        int from = x(operation.called());
        int width = Math.max(6, (operation.returned() == null ? end() : x(operation.returned())) - from);
        String details = operation + "\n" + clock(operation.called())
                + (operation.returned() == null ? "" : " to " + clock(operation.returned()));
        svg.append(String.format(
                "<g class=\"%s%s\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>",
                outcome(operation),
                guilty.contains(operation.id()) ? " bad" : "",
                escape(details),
                from,
                y,
                width,
                ROW - 4));
        String text = TimelineStyle.brief(operation);
        int room = (width - 4) / LETTER;
        if (room >= 2) {
            String shown = text.length() <= room ? text : text.substring(0, room - 1) + "…";
            svg.append(String.format("<text x=\"%d\" y=\"%d\">%s</text>", from + 3, y + 12, escape(shown)));
        }
        svg.append("</g>");
    }

    private static String outcome(Operation operation) {
        if (operation.isInDoubt()) {
            return "doubt";
        } else if (operation.isFailed()) {
            return "failed";
        }
        return operation.call().isRead() ? "read" : "write";
    }

    private void watch(WatchLog watch) {
        int y = bottom + ROW / 2;
        int from = x(watch.opened());
        int until = watch.closed() == null ? end() : x(watch.closed());
        svg.append(String.format(
                "<g class=\"watch%s\"><title>%s</title><line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/></g>",
                guiltyWatches.contains(watch.id()) ? " bad" : "",
                escape(watch + " from " + watch.start() + (watch.after() > 0 ? " " + watch.after() : "")),
                from,
                until,
                y,
                y));
        label(
                "watching",
                y + 4,
                "watch " + watch.id() + " " + shortened(watch.directory().path()));
        for (WatchLog.Delivery delivery : watch.deliveries()) {
            svg.append(String.format(
                    "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4\"><title>%s</title></circle>",
                    kind(delivery.signal()),
                    x(delivery.at()),
                    y,
                    escape(delivery.signal() + "\n" + clock(delivery.at()))));
        }
        bottom += ROW;
    }

    private static String shortened(String path) {
        return path.length() <= 10 ? path : "…" + path.substring(path.length() - 9);
    }

    private static String kind(WatchLog.Signal signal) {
        if (signal instanceof WatchLog.Whole) {
            return "whole";
        }
        return signal instanceof WatchLog.Delta ? "delta" : "end";
    }

    private void axis(StringBuilder html) {
        for (int i = 0; i < moments.size(); i += step > NARROWEST ? TICK / 5 : TICK / 2) {
            int x = LEFT + i * step;
            html.append(String.format(
                    "<line class=\"tick\" x1=\"%d\" x2=\"%d\" y1=\"30\" y2=\"%d\"/>"
                            + "<text class=\"axis\" x=\"%d\" y=\"26\">%s</text>",
                    x, x, bottom, x, clock(moments.get(i))));
        }
    }

    private void marks(StringBuilder html) {
        for (Mark mark : history.marks()) {
            int from = x(mark.from());
            int width = mark.until() == null ? 3 : Math.max(3, x(mark.until()) - from);
            html.append(String.format(
                    "<g class=\"fault\"><title>%s</title><rect x=\"%d\" y=\"30\" width=\"%d\" height=\"%d\"/>"
                            + "<text x=\"%d\" y=\"41\">%s</text></g>",
                    escape(mark.text() + "\n" + clock(mark.from())),
                    from,
                    width,
                    bottom - 30,
                    from + 4,
                    escape(mark.text())));
        }
    }

    private static String clock(Moment moment) {
        return String.format("%.3f ms", moment.nanos() / 1e6);
    }

    static String escape(@Nullable String text) {
        return String.valueOf(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
