package dev.rollcall.cli.kit;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.ClusterProvider;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRound;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** What {@code rollcall tck} does with {@code --cluster}. */
final class ClusterRun {
    private static final String ALL = "all";
    private static final List<String> OWN_OPTIONS = List.of("--cluster-option", "--nemesis", "--time");
    private static final List<String> OTHER_OPTIONS = List.of("--area", "--strict", "--time-scale", "--within");
    /** Within which a fault comes for certain. */
    private static final Duration SHORTEST = Duration.ofSeconds(2);

    private static final Duration LONGEST_ROUND = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(60);

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description =
                    "Run faults on a cluster of real servers, such as etcd or zookeeper, instead of the kit's tests.")
    private @Nullable String name;

    @Option(
            names = "--cluster-option",
            paramLabel = "KEY=VALUE",
            description =
                    "How the servers run: for etcd auth=none, simple or jwt; tls=true or false; proxy=true or false, through etcd's own proxies; upgrade=3.6-3.7, from one version to the next. May be repeated.")
    private Map<String, String> clusterOptions = new TreeMap<>();

    @Option(
            names = "--nemesis",
            split = ",",
            paramLabel = "FAULT",
            defaultValue = ALL,
            description =
                    "Which faults may come, such as kill-leader or cut; separated by commas. Default: ${DEFAULT-VALUE}")
    private List<String> labels = List.of(ALL);

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "1m",
            description = "Begin rounds of faults for this long. Default: ${DEFAULT-VALUE}")
    private Duration time = Duration.ofMinutes(1);

    private int operations;
    private int violations;

    /** The cluster that was asked for, if one was. */
    @Nullable
    String name() {
        return name;
    }

    /** Refuses options that do not go together. */
    void check(ParseResult given) {
        for (String option : name == null ? OWN_OPTIONS : OTHER_OPTIONS) {
            if (given.hasMatchedOption(option)) {
                throw new UsageException(
                        name == null
                                ? option + " is for runs on a cluster; add --cluster, or leave it out."
                                : option
                                        + " is for the kit's tests, which do not run with --cluster; leave out one of them.");
            }
        }
    }

    int run(ClassLoader loader, @Nullable Long seed, @Nullable Path report, CommandLine command)
            throws InterruptedException, IOException {
        if (time.compareTo(SHORTEST) < 0) {
            throw new UsageException("The time " + time.toMillis()
                    + "ms for --time may be over before a fault comes; give " + SHORTEST.toSeconds() + "s or more.");
        }
        Set<Fault> faults = faults();
        ClusterProvider provider = provider(loader, String.valueOf(name));
        demandKnown(provider);
        Path directory = report == null ? Path.of("nemesis-" + provider.name()) : report;
        NemesisOptions options = new NemesisOptions(
                seed == null ? KitSettings.fromEnvironment().seed() : seed,
                time,
                time.compareTo(LONGEST_ROUND) < 0 ? time : LONGEST_ROUND,
                SETTLING,
                faults,
                directory);
        PrintWriter out = command.getOut();
        try (Cluster cluster = start(provider, directory, command)) {
            if (cluster == null) {
                return ExitCode.UNAVAILABLE;
            }
            demandPossible(options, cluster);
            out.println(cluster.name() + ", seed " + options.seed() + ": faults for " + time.toSeconds() + " s");
            out.flush();
            NemesisReport result = new NemesisRun(cluster, options)
                    .onRound(round -> show(round, out))
                    .run();
            out.println();
            out.println(result);
            out.println("Written to " + directory + "; begin with index.html.");
            out.flush();
            return result.violations().isEmpty() ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    private Set<Fault> faults() {
        if (labels.equals(List.of(ALL))) {
            return EnumSet.allOf(Fault.class);
        }
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (String label : labels) {
            faults.add(Arrays.stream(Fault.values())
                    .filter(fault -> fault.label().equals(label.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UsageException(
                            "There is no fault '" + label + "' for --nemesis; give all alone, or some of "
                                    + labels(EnumSet.allOf(Fault.class)) + ".")));
        }
        return faults;
    }

    private static String labels(Set<Fault> faults) {
        return faults.stream().map(Fault::label).collect(Collectors.joining(", "));
    }

    private static ClusterProvider provider(ClassLoader loader, String name) {
        List<ClusterProvider> providers = new ArrayList<>();
        try {
            ServiceLoader.load(ClusterProvider.class, loader).forEach(providers::add);
        } catch (ServiceConfigurationError e) {
            throw new UsageException("A jar of --classpath is wrong about its clusters: " + e.getMessage() + ".");
        }
        return providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("There is no cluster '" + name + "'; "
                        + (providers.isEmpty()
                                ? "none is on the class path."
                                : "there are "
                                        + providers.stream()
                                                .map(ClusterProvider::name)
                                                .collect(Collectors.toCollection(TreeSet::new))
                                                .stream()
                                                .collect(Collectors.joining(", "))
                                        + ".")
                        + " --classpath brings others, as jars that have a ClusterProvider."));
    }

    private @Nullable Cluster start(ClusterProvider provider, Path directory, CommandLine command) {
        try {
            return provider.start(directory.resolve("servers"), clusterOptions);
        } catch (RuntimeException e) {
            if (e instanceof IllegalArgumentException && !clusterOptions.isEmpty()) {
                throw new UsageException(String.valueOf(e.getMessage()));
            }
            command.getErr()
                    .println("rollcall: The cluster '" + provider.name() + "' could not be started: " + e.getMessage());
            command.getErr().flush();
            return null;
        }
    }

    private void demandKnown(ClusterProvider provider) {
        Map<String, String> known = new TreeMap<>(provider.options());
        for (String option : clusterOptions.keySet()) {
            if (!known.containsKey(option)) {
                throw new UsageException("The cluster '" + provider.name() + "' has no option '" + option + "'; "
                        + (known.isEmpty() ? "it takes none." : "its options are " + known + "."));
            }
        }
    }

    private static void demandPossible(NemesisOptions options, Cluster cluster) {
        Set<Fault> impossible = options.impossible(cluster);
        if (!impossible.isEmpty()) {
            throw new UsageException("These faults cannot be had on " + cluster.name() + ": " + labels(impossible)
                    + "; leave them out of --nemesis.");
        }
    }

    private boolean show(NemesisRound round, PrintWriter out) {
        operations += round.operations();
        violations += round.violations().size();
        String faults =
                round.faults().stream().map(fault -> fault.fault().label()).collect(Collectors.joining(", "));
        long left = Math.max(0, time.minus(round.until()).toSeconds());
        out.printf(
                Locale.ROOT,
                "%4d  %-9s  seed %-10d  %d operations, %d violations so far; faults: %s; %d:%02d left%n",
                round.number(),
                round.workload().name().toLowerCase(Locale.ROOT),
                round.seed(),
                operations,
                violations,
                faults.isEmpty() ? "none" : faults,
                left / 60,
                left % 60);
        out.flush();
        return true;
    }
}
