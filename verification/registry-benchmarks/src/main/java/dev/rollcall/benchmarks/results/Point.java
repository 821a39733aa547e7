package dev.rollcall.benchmarks.results;

import java.util.List;

/**
 * A figure of ours alone, measured several times.
 *
 * @param name what was measured
 * @param size how many entries there were, or 0 where that does not matter
 * @param unit of {@code values}
 * @param values the figures
 */
public record Point(String name, long size, String unit, List<Double> values) {}
