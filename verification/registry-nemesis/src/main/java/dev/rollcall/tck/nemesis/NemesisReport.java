package dev.rollcall.tck.nemesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The results of a {@link NemesisRun}.
 *
 * @param cluster what ran
 * @param seed the seed
 * @param took how long it took
 * @param rounds how many histories were judged
 * @param undecided of how many of them the replay could not tell whether they are right
 * @param unordered for how many of them the search for an order ran out of time, which the replay need not have
 * @param operations how many operations had which outcome
 * @param timeline the rounds that were judged, in order
 * @param signals how many signals watches were told
 * @param holders what holders of leases and locks did beside the rounds
 * @param known what was found and is a known fault of the servers, hence no violation
 * @param violations what was found wrong, with the round's seed and where its history is
 */
public record NemesisReport(
        String cluster,
        long seed,
        Duration took,
        int rounds,
        int undecided,
        int unordered,
        Map<String, Integer> operations,
        List<NemesisRound> timeline,
        int signals,
        HolderFigures holders,
        List<KnownFinding> known,
        List<String> violations) {
    public NemesisReport {
        operations = Map.copyOf(operations);
        timeline = List.copyOf(timeline);
        known = List.copyOf(known);
        violations = List.copyOf(violations);
    }

    /** How often each fault came. */
    public Map<Fault, Integer> faults() {
        Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
        faultTimes().forEach(time -> faults.merge(time.fault(), 1, Integer::sum));
        return faults;
    }

    /** For each fault, the time from when it was being undone, servers started included, until a write was acknowledged. */
    public List<Duration> recoveries() {
        return faultTimes().map(FaultTime::recovery).toList();
    }

    private Stream<FaultTime> faultTimes() {
        return timeline.stream().flatMap(round -> round.faults().stream());
    }

    /** The report as JSON, so that runs can be compared. */
    public String json() {
        return new NemesisJson(this).render();
    }

    /** The report as one HTML page, with a timeline; its links lead to the histories beside it. */
    public String html() {
        return new NemesisPage(this).render();
    }

    /** Writes {@code nemesis.txt}, {@code nemesis.json} and {@code index.html} into a directory, which is made if it is missing. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("nemesis.txt"), this + System.lineSeparator());
        Files.writeString(directory.resolve("nemesis.json"), json());
        Files.writeString(directory.resolve("index.html"), html());
    }

    /** The figures, a line each. */
    @Override
    public String toString() {
        String struck = faults().entrySet().stream()
                .map(entry -> entry.getKey().label() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return String.join(
                System.lineSeparator(),
                cluster + ", seed " + seed + ": " + verdict(),
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
                Stream.concat(
                                known.stream().map(finding -> "  known fault of the servers, " + finding),
                                violations.stream().map(violation -> "  " + violation))
                        .collect(Collectors.joining(System.lineSeparator())));
    }

    private String verdict() {
        String found = switch (violations.size()) {
            case 0 -> "no violation";
            case 1 -> "1 violation";
            default -> violations.size() + " violations";
        };
        return known.isEmpty() ? found : found + ", known faults of the servers: " + known.size();
    }

    String recovery() {
        List<Duration> recoveries = recoveries();
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
