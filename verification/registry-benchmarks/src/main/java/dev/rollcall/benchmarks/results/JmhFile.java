package dev.rollcall.benchmarks.results;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON that JMH writes with {@code -rf json}. */
final class JmhFile {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** A benchmark with one choice of its parameters. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Run(
            String benchmark,
            @Nullable Map<String, String> params,
            Metric primaryMetric,
            Map<String, Metric> secondaryMetrics) {}

    /** Figures, a list for each fork. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Metric(String scoreUnit, List<List<Double>> rawData) {}

    private JmhFile() {}

    /** Its figures: the score of each benchmark and what one call allocates; of a group, the scores of its methods. */
    static List<Point> read(Path file) throws IOException {
        List<Point> points = new ArrayList<>();
        for (Run run : new ObjectMapper().readValue(file.toFile(), Run[].class)) {
            String name = shortName(run.benchmark());
            long size = size(run.params());
            // The score of a group is the mean of its methods, of a reader and a writer say, which means nothing.
            boolean group = run.secondaryMetrics().keySet().stream().anyMatch(key -> !isProfile(key));
            if (!group) {
                points.add(point(name, size, run.primaryMetric()));
            }
            run.secondaryMetrics().forEach((key, metric) -> {
                if (!isProfile(key)) {
                    points.add(point(name + ", " + key, size, metric));
                } else if (!group && key.endsWith(ALLOCATED)) {
                    points.add(point(name + ", allocated", size, metric));
                }
            });
        }
        return points;
    }

    /** Whether a profiler tells it; JMH puts a dot before the names of those. */
    private static boolean isProfile(String metric) {
        return metric.replace("·", "").startsWith("gc.");
    }

    /** {@code Class.method}. */
    private static String shortName(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
    }

    /** The one parameter, which is a number; 0 without one. */
    private static long size(@Nullable Map<String, String> parameters) {
        return parameters == null || parameters.isEmpty()
                ? 0
                : Long.parseLong(parameters.values().iterator().next());
    }

    private static Point point(String name, long size, Metric metric) {
        return new Point(
                name,
                size,
                metric.scoreUnit(),
                metric.rawData().stream().flatMap(List::stream).toList());
    }
}
