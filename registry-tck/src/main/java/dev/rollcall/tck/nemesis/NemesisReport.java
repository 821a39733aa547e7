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
 * @param undecided of how many of them the replay could not tell whether they are right
 * @param unordered for how many of them the search for an order ran out of time, which the replay need not have
 * @param operations how many operations had which outcome
 * @param faults how often each fault came
 * @param recoveries for each fault, the time from when it was being undone, servers started included, until a write was acknowledged
 * @param signals how many signals watches were told
 * @param holders what holders of leases and locks did beside the rounds
 * @param violations what was found wrong, with the round's seed and where its history is
 */
public record NemesisReport(
        String cluster,
        long seed,
        int rounds,
        int undecided,
        int unordered,
        Map<String, Integer> operations,
        Map<Fault, Integer> faults,
        List<Duration> recoveries,
        int signals,
        HolderFigures holders,
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
                "  histories   " + rounds + " judged, " + undecided + " of them undecided by replay, " + unordered
                        + " by search",
                "  operations  " + new TreeMap<>(operations),
                "  signals     " + signals,
                "  leases      " + holders.leases() + " held, " + holders.leasesLost() + " of them lost",
                "  locks       " + holders.turns() + " turns, " + holders.turnsLost() + " of them lost; "
                        + holders.guardedWrites() + " guarded writes, " + holders.refusedWrites()
                        + " refused when their turn was over",
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
