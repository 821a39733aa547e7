package dev.rollcall.cli.kit;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.Endless;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.FileProblem;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.SpecRule;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rollcall tck}. */
@Command(
        name = "tck",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the test kit against a backend and prints the verdict.",
            "Exit code 0 if nothing was found broken, 1 if something was; with --strict 0 only for a conformant backend.",
            "A URL alone gives the kit no way to cut connections or kill servers: rules that need that are listed as not verified, and a"
                    + " backend is not called conformant before they are. --fixture names a class that gives them.",
            "With --cluster, starts real servers instead, lets faults happen to them while clients work, and judges what the clients were"
                    + " told. Exit code 0 if nothing was found broken, 1 if something was, 3 if the servers could not be started."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall tck etcd://127.0.0.1:2379/tck",
            "  rollcall tck --cluster zookeeper --nemesis kill-leader --time 10m"
        })
public final class TckCommand implements Callable<Integer>, Endless {
    @Parameters(
            arity = "0..1",
            paramLabel = "URL",
            description = "The backend; the kit works in places of its own below it.")
    private @Nullable String url;

    @Option(
            names = "--fixture",
            paramLabel = "CLASS",
            description = "A BackendFixture with a constructor without arguments, instead of a URL.")
    private @Nullable String fixture;

    @Option(
            names = "--classpath",
            split = ":",
            paramLabel = "JAR",
            description =
                    "Where to find the backend, or the fixture, beside what comes with the command; separated by colons.")
    private List<Path> classPath = List.of();

    @Option(
            names = "--area",
            split = ",",
            paramLabel = "AREA",
            description = "Only the rules of these areas, such as KEY or WATCH, or with these ids, such as WATCH-4.")
    private Set<String> areas = Set.of();

    @Option(
            names = "--strict",
            description =
                    "Exit code 1 unless the backend is conformant: rules that could not be verified count as well.")
    private boolean strict;

    @Mixin
    private ClusterRun clusterRun = new ClusterRun();

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description =
                    "Write conformance.json and conformance.html there; with --cluster index.html, nemesis.json, nemesis.txt, and histories that"
                            + " were found guilty.")
    private @Nullable Path report;

    @Option(names = "--seed", paramLabel = "N", description = "Repeat the random choices of an earlier run.")
    private @Nullable Long seed;

    @Option(
            names = "--time-scale",
            paramLabel = "X",
            defaultValue = "1",
            description = "Stretch every time budget, for slow machines.")
    private double timeScale = 1;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "15m",
            description = "End the run after this time. Default: ${DEFAULT-VALUE}")
    private Duration within = Duration.ofMinutes(15);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private int tests;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (Stream.of(url, fixture, clusterRun.name()).filter(Objects::nonNull).count() != 1) {
            throw new UsageException("Give one of these: the URL of a backend, --fixture or --cluster.");
        }
        clusterRun.check(spec.commandLine().getParseResult());
        Set<String> wanted = wanted();
        if (strict && !wanted.isEmpty()) {
            throw new UsageException(
                    "--strict demands a conformant backend, which only a whole run can show; leave out --area or --strict.");
        }
        prepareReport();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls(), before)) {
            thread.setContextClassLoader(loader);
            return clusterRun.name() == null
                    ? run(launcher(loader, wanted), wanted)
                    : clusterRun.run(loader, seed, report, spec.commandLine());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The areas and rules that were asked for; empty for all. */
    private Set<String> wanted() {
        List<SpecRule> rules = dev.rollcall.tck.report.Spec.shipped().rules();
        Set<String> wanted = areas.stream()
                .map(area -> area.toUpperCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String area : wanted) {
            if (rules.stream().noneMatch(rule -> covers(Set.of(area), rule))) {
                throw new UsageException("There is no area or rule '" + area + "'; the areas are "
                        + rules.stream().map(SpecRule::area).distinct().collect(Collectors.joining(", ")) + ".");
            }
        }
        return wanted;
    }

    private static boolean covers(Set<String> wanted, SpecRule rule) {
        return wanted.contains(rule.area()) || wanted.contains(rule.id());
    }

    /** A run takes minutes: that its report cannot be written should be known before. */
    private void prepareReport() {
        if (report == null) {
            return;
        }
        try {
            Files.createDirectories(report);
        } catch (IOException e) {
            throw new UsageException(
                    "The directory '" + report + "' for the report cannot be created: " + FileProblem.of(e) + ".");
        }
        if (!Files.isWritable(report)) {
            throw new UsageException("The directory '" + report + "' for the report cannot be written.");
        }
    }

    private URL[] urls() throws MalformedURLException {
        URL[] urls = new URL[classPath.size()];
        for (int i = 0; i < urls.length; i++) {
            if (!Files.exists(classPath.get(i))) {
                throw new UsageException("The class path entry '" + classPath.get(i) + "' does not exist.");
            }
            urls[i] = classPath.get(i).toUri().toURL();
        }
        return urls;
    }

    private KitLauncher launcher(ClassLoader loader, Set<String> wanted) {
        KitSettings settings = KitSettings.fromEnvironment().withTimeScale(timeScale);
        KitLauncher launcher = (fixture == null
                        ? KitLauncher.of(checked(String.valueOf(url)))
                        : KitLauncher.of(fixture(loader, fixture)))
                .with(seed == null ? settings : settings.withSeed(seed))
                .within(within)
                .onResult(this::show);
        return wanted.isEmpty() ? launcher : launcher.only(wanted);
    }

    /** A URL that can be opened: what is wrong with it is said now, and not once for each test. */
    private static String checked(String text) {
        BackendUrl parsed = BackendUrl.parse(text);
        KvBackend trial;
        try {
            trial = KvBackends.open(parsed);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            // Nothing is wrong with the URL, and the backend is the kit's to judge.
            return text;
        }
        try {
            trial.close();
        } catch (RuntimeException e) {
            // This too is for the kit to find.
        }
        return text;
    }

    private static BackendFixture fixture(ClassLoader loader, String name) {
        try {
            return loader.loadClass(name)
                    .asSubclass(BackendFixture.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ClassNotFoundException e) {
            throw new UsageException("There is no class '" + name + "'; is its jar in --classpath?");
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new UsageException("The class '" + name
                    + "' cannot be used: it must be a BackendFixture with a public constructor without arguments.");
        }
    }

    private int run(KitLauncher launcher, Set<String> wanted) throws InterruptedException, IOException {
        ConformanceReport result = launcher.run();
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println(wanted.isEmpty() ? result.table() : partial(result, wanted));
        if (report != null) {
            result.write(report);
            out.println("Written to " + report + ".");
        }
        if (wanted.isEmpty() && !strict && result.isUnproven()) {
            out.println("Exit code 0, since nothing was found broken; with --strict it would be 1.");
        }
        out.flush();
        return exitCode(result, strict);
    }

    /** What a run is to the shell: not strictly, what could not be verified is not held against the backend. */
    public static int exitCode(ConformanceReport result, boolean strict) {
        return result.isConformant() || (result.isUnproven() && !strict) ? ExitCode.OK : ExitCode.REFUSED;
    }

    /** The table with nothing but the rules that were asked for. These alone make no backend conformant, so it has no verdict. */
    private static String partial(ConformanceReport whole, Set<String> wanted) {
        ConformanceReport part = new ConformanceReport(
                whole.backend(),
                whole.specVersion(),
                whole.kitVersion(),
                whole.seed(),
                whole.took(),
                whole.rules().stream()
                        .filter(result -> covers(wanted, result.rule()))
                        .toList(),
                whole.tests());
        String table = part.table();
        return table.substring(0, table.lastIndexOf(part.summary()))
                + "Partial run of " + String.join(", ", wanted) + ": a backend is conformant by a whole run only, so "
                + whole.summary() + " Seed " + whole.seed() + ".";
    }

    private void show(TestResult test) {
        PrintWriter out = spec.commandLine().getOut();
        tests++;
        String note = test.status() == Status.VERIFIED
                ? ""
                : "  " + test.note().lines().findFirst().orElse("");
        out.printf(
                "%4d  %-12s  %s.%s  %d ms%s%n",
                tests, test.status().name().toLowerCase(Locale.ROOT), test.area(), test.name(), test.millis(), note);
        out.flush();
    }
}
