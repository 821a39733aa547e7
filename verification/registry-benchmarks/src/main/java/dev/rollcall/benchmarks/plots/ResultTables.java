package dev.rollcall.benchmarks.plots;

import dev.rollcall.benchmarks.results.Comparison;
import dev.rollcall.benchmarks.results.Point;
import dev.rollcall.benchmarks.results.Results;
import dev.rollcall.benchmarks.results.Spread;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/** Figures as Markdown. */
final class ResultTables {
    private static final int DIGITS = 3;

    private ResultTables() {}

    /** A line about where, a table for each store, and one of ours alone. */
    static String of(Results results) {
        StringBuilder text = new StringBuilder();
        results.environment()
                .forEach((key, value) -> text.append(text.isEmpty() ? "" : ", ")
                        .append(key)
                        .append(' ')
                        .append(value));
        text.append(".\n");
        results.comparisons().stream().map(Comparison::store).distinct().forEach(store -> {
            text.append("\n### ").append(heading(store)).append("\n\n");
            comparisons(
                    text,
                    results.comparisons().stream()
                            .filter(row -> row.store().equals(store))
                            .toList());
        });
        if (!results.points().isEmpty()) {
            text.append("\n### Ours alone\n\n");
            points(text, results.points());
        }
        return text.toString();
    }

    /** The store's name as its makers write it. */
    static String heading(String store) {
        return store.equals("zookeeper") ? "ZooKeeper" : store;
    }

    private static void comparisons(StringBuilder text, List<Comparison> rows) {
        text.append(
                "| scenario | beside | unit | ours | theirs | ours / theirs | spread |\n|---|---|---|---:|---:|---:|---|\n");
        for (Comparison row : rows) {
            Spread ratio = Spread.of(row.ratios());
            cells(
                    text,
                    row.scenario(),
                    row.rival(),
                    row.unit(),
                    rounded(Spread.of(row.ours()).median()),
                    rounded(Spread.of(row.raw()).median()),
                    rounded(ratio.median()),
                    spread(ratio, row.ours().size()));
        }
    }

    private static void points(StringBuilder text, List<Point> points) {
        text.append("| what | size | unit | median | spread |\n|---|---:|---|---:|---|\n");
        for (Point point : points) {
            Spread spread = Spread.of(point.values());
            cells(
                    text,
                    point.name(),
                    point.size() == 0 ? "" : Long.toString(point.size()),
                    point.unit(),
                    rounded(spread.median()),
                    spread(spread, point.values().size()));
        }
    }

    private static void cells(StringBuilder text, String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String spread(Spread spread, int rounds) {
        return rounds == 1 ? "one round" : rounded(spread.lowest()) + " to " + rounded(spread.highest());
    }

    /** Three digits that count, without an exponent; those before the point stay. */
    private static String rounded(double figure) {
        if (!Double.isFinite(figure)) {
            return "–";
        }
        BigDecimal exact = BigDecimal.valueOf(figure);
        BigDecimal rounded = exact.precision() - exact.scale() >= DIGITS
                ? exact.setScale(0, RoundingMode.HALF_UP)
                : exact.round(new MathContext(DIGITS));
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
