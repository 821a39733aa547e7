package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.tck.KitSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a {@link NemesisRun} goes.
 *
 * @param seed decides the faults and what the clients do
 * @param time how long rounds are begun
 * @param round how long the clients of a round work, and faults come
 * @param settling how long the store may take, after all has healed, to answer, and watches and views to catch up
 * @param faults which faults may come; what a cluster cannot do is left out
 * @param report where the report goes, and histories that were found guilty
 */
public record NemesisOptions(
        long seed, Duration time, Duration round, Duration settling, Set<Fault> faults, Path report) {
    /** The system property with the time, such as {@code PT1H}. */
    public static final String TIME = "nemesis.time";

    /** The system property with the seed. */
    public static final String SEED = "nemesis.seed";

    /** The system property with the options of the cluster, such as {@code auth=jwt,tls=true}. */
    public static final String CLUSTER = "nemesis.cluster";

    /** The system property with the {@linkplain Fault#label() labels} of the faults that may come, separated by commas. */
    public static final String FAULTS = "nemesis.faults";

    public NemesisOptions {
        requireNonNull(time, "time");
        requireNonNull(round, "round");
        requireNonNull(settling, "settling");
        faults = Set.copyOf(faults);
        requireNonNull(report, "report");
        if (!isPositive(time) || !isPositive(round) || !isPositive(settling)) {
            throw new IllegalArgumentException(
                    "The time, that of a round and that to settle in must be positive, but are " + time + ", " + round
                            + " and " + settling + ".");
        }
    }

    /**
     * Rounds of eight seconds, with every fault or those of the system property {@value #FAULTS}. The time and the seed are those of {@value #TIME} and
     * {@value #SEED}; otherwise {@code time}, and the {@linkplain KitSettings kit's seed}.
     */
    public static NemesisOptions of(Duration time, Path report) {
        String longer = System.getProperty(TIME);
        String seed = System.getProperty(SEED);
        return new NemesisOptions(
                seed == null ? KitSettings.fromEnvironment().seed() : Long.parseLong(seed),
                longer == null ? time : Duration.parse(longer),
                Duration.ofSeconds(8),
                Duration.ofSeconds(60),
                faults(System.getProperty(FAULTS, "")),
                report);
    }

    private static Set<Fault> faults(String labels) {
        Set<Fault> faults = EnumSet.allOf(Fault.class);
        if (!labels.isEmpty()) {
            Set<String> wanted = new TreeSet<>(List.of(labels.split(",", -1)));
            faults.removeIf(fault -> !wanted.contains(fault.label()));
            if (faults.size() != wanted.size()) {
                throw new IllegalArgumentException(FAULTS + "=" + labels + " names a fault that there is not.");
            }
        }
        return faults;
    }

    /**
     * Those of the faults that {@code cluster} cannot have, if some were asked for and not all: a run in which they never come must not look like one
     * without violations.
     */
    public Set<Fault> impossible(Cluster cluster) {
        Set<Fault> impossible = EnumSet.noneOf(Fault.class);
        if (!faults.equals(EnumSet.allOf(Fault.class))) {
            faults.stream().filter(fault -> !fault.isPossible(cluster)).forEach(impossible::add);
        }
        return impossible;
    }

    /** The options of the cluster, by the system property {@value #CLUSTER}; none without it. */
    public static Map<String, String> cluster() {
        Map<String, String> options = new TreeMap<>();
        for (String option : System.getProperty(CLUSTER, "").split(",", -1)) {
            if (!option.isEmpty()) {
                int equals = option.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException(
                            "The option '" + option + "' of " + CLUSTER + " is not KEY=VALUE.");
                }
                options.put(option.substring(0, equals), option.substring(equals + 1));
            }
        }
        return options;
    }

    private static boolean isPositive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }
}
