package dev.rollcall.benchmarks.stores;

import dev.rollcall.benchmarks.results.Comparison;
import dev.rollcall.benchmarks.results.Results;
import dev.rollcall.benchmarks.results.Spread;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured: a row for each scenario, figure and pair of contenders. */
final class Report {
    private final List<Comparison> rows = new ArrayList<>();
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
        out.printf(
                "%-10s %-44s %-18s %12s %12s  %-6s %7s  %s%n",
                "store", "scenario", "beside", "ours", "raw", "unit", "ratio", "spread");
    }

    void add(Comparison row) {
        rows.add(row);
        Spread ratio = Spread.of(row.ratios());
        out.printf(
                Locale.ROOT,
                "%-10s %-44s %-18s %12.3f %12.3f  %-6s %7.2f  %.2f to %.2f%n",
                row.store(),
                row.scenario(),
                row.rival(),
                Spread.of(row.ours()).median(),
                Spread.of(row.raw()).median(),
                row.unit(),
                ratio.median(),
                ratio.lowest(),
                ratio.highest());
        out.flush();
    }

    void write(Path file) throws IOException {
        Results.ofComparisons(rows).write(file);
    }
}
