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

    /** Its figures: the score of each benchmark, of the methods of a group, and what one call allocates. */
    static List<Point> read(Path file) throws IOException {
        List<Point> points = new ArrayList<>();
        for (Run run : new ObjectMapper().readValue(file.toFile(), Run[].class)) {
            String name = shortName(run.benchmark());
            long size = size(run.params());
            points.add(point(name, size, run.primaryMetric()));
            run.secondaryMetrics().forEach((key, metric) -> {
                // JMH puts a dot before the names of what profilers tell.
                String metricName = key.replace("·", "");
                if (metricName.equals(ALLOCATED)) {
                    points.add(point(name + ", allocated", size, metric));
                } else if (!metricName.startsWith("gc.")) {
                    points.add(point(name + ", " + metricName, size, metric));
                }
            });
        }
        return points;
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
