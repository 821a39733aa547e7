package dev.rollcall.tck.nemesis;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What came of a {@link NemesisRun}.
 *
 * @param cluster what ran
 * @param seed the seed
 * @param rounds how many histories were judged
 * @param undecided of how many of them a judge could not tell whether they are right
 * @param operations how many operations had which outcome
 * @param faults how often each fault came
 * @param recoveries after each fault that was undone, how long until a write was acknowledged
 * @param signals how many signals watches were told
 * @param violations what was found wrong, with the round's seed and where its history is
 */
public record NemesisReport(
        String cluster,
        long seed,
        int rounds,
        int undecided,
        Map<String, Integer> operations,
        Map<Fault, Integer> faults,
        List<Duration> recoveries,
        int signals,
        List<String> violations) {
    public NemesisReport {
        operations = Map.copyOf(operations);
        faults = Map.copyOf(faults);
        recoveries = List.copyOf(recoveries);
        violations = List.copyOf(violations);
    }

    /** The figures, a line each. */
    @Override
    public String toString() {
        String struck = new TreeMap<>(faults)
                .entrySet().stream()
                        .map(entry -> entry.getKey().label() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
        return String.join(
                System.lineSeparator(),
                cluster + ", seed " + seed + ": "
                        + (violations.isEmpty() ? "no violation" : violations.size() + " violations"),
                "  histories   " + rounds + " judged, " + undecided + " of them undecided",
                "  operations  " + new TreeMap<>(operations),
                "  signals     " + signals,
                "  faults      " + struck,
                "  recovery    " + recovery(),
                violations.stream()
                        .map(violation -> "  " + violation)
                        .collect(Collectors.joining(System.lineSeparator())));
    }

    private String recovery() {
        if (recoveries.isEmpty()) {
            return "nothing to recover from";
        }
        List<Duration> sorted = recoveries.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%d times, median %d ms, 95%% %d ms, longest %d ms",
                sorted.size(),
                sorted.get(sorted.size() / 2).toMillis(),
                sorted.get(sorted.size() * 95 / 100).toMillis(),
                sorted.get(sorted.size() - 1).toMillis());
    }
}
