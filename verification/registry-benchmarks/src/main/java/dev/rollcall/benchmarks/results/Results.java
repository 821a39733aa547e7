package dev.rollcall.benchmarks.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file of figures.
 *
 * @param environment where they were measured: versions, processors and the like
 * @param comparisons ours beside raw clients
 * @param points ours alone
 */
public record Results(Map<String, String> environment, List<Comparison> comparisons, List<Point> points) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Comparisons, without a word on where. */
    public static Results ofComparisons(List<Comparison> comparisons) {
        return new Results(Map.of(), comparisons, List.of());
    }

    /** Points, without a word on where. */
    public static Results ofPoints(List<Point> points) {
        return new Results(Map.of(), List.of(), points);
    }

    /** Reads a file that {@link #write} wrote. */
    public static Results read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), Results.class);
    }

    /** These, and those after them. */
    public Results and(Results others) {
        Map<String, String> bothEnvironments = new TreeMap<>(environment);
        bothEnvironments.putAll(others.environment);
        List<Comparison> bothComparisons = new ArrayList<>(comparisons);
        bothComparisons.addAll(others.comparisons);
        List<Point> bothPoints = new ArrayList<>(points);
        bothPoints.addAll(others.points);
        return new Results(bothEnvironments, bothComparisons, bothPoints);
    }

    /** Writes a file. */
    public void write(Path file) throws IOException {
        JSON.writeValue(file.toFile(), this);
    }
}
