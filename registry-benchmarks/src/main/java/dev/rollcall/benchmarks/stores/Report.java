package dev.rollcall.benchmarks.stores;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured: a row for each scenario, figure and pair of contenders. */
final class Report {
    /**
     * One comparison, made several times.
     *
     * @param store the store
     * @param scenario what was done
     * @param unit of {@code ours} and {@code raw}
     * @param rival the name of the raw client
     * @param ours our figures, one for each round
     * @param raw the raw client's figures, of the same rounds
     */
    record Row(String store, String scenario, String unit, String rival, List<Double> ours, List<Double> raw) {
        /** Ours by the raw client's, for each round. */
        List<Double> ratios() {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < ours.size(); i++) {
                ratios.add(ours.get(i) / raw.get(i));
            }
            return ratios;
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
        out.printf(
                "%-10s %-34s %-18s %12s %12s  %-6s %7s  %s%n",
                "store", "scenario", "beside", "ours", "raw", "unit", "ratio", "spread");
    }

    void add(Row row) {
        rows.add(row);
        List<Double> ratios = row.ratios();
        out.printf(
                Locale.ROOT,
                "%-10s %-34s %-18s %12.3f %12.3f  %-6s %7.2f  %.2f to %.2f%n",
                row.store(),
                row.scenario(),
                row.rival(),
                median(row.ours()),
                median(row.raw()),
                row.unit(),
                median(ratios),
                sorted(ratios).get(0),
                sorted(ratios).get(ratios.size() - 1));
        out.flush();
    }

    void write(Path file) throws IOException {
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), rows);
    }

    private static double median(List<Double> figures) {
        List<Double> sorted = sorted(figures);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static List<Double> sorted(List<Double> figures) {
        return figures.stream().sorted().toList();
    }
}
