package dev.rollcall.benchmarks.results;

import java.util.List;

/**
 * The middle of several figures and how far they go.
 *
 * @param lowest the lowest
 * @param median the median
 * @param highest the highest
 */
public record Spread(double lowest, double median, double highest) {
    /** That of figures, at least one. */
    public static Spread of(List<Double> figures) {
        List<Double> sorted = figures.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(sorted.get(0), median, sorted.get(sorted.size() - 1));
    }
}
