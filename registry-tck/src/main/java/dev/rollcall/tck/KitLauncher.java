package dev.rollcall.tck;

import static java.util.Objects.requireNonNull;

import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the kit without a build: against a URL, or a fixture. Always ends, with a report, however the backend behaves.
 *
 * <pre>{@code
 * ConformanceReport report = KitLauncher.of("etcd://localhost:2379/scratch").run();
 * }</pre>
 */
public final class KitLauncher {
    private static final String LAUNCH = "tck.launch";
    private static final Map<String, KitRun> RUNS = new ConcurrentHashMap<>();

    private final BackendFixture fixture;
    private KitSettings settings = KitSettings.fromEnvironment();
    private Predicate<Method> selected = method -> true;
    private boolean besideOthers;
    private Duration limit = Duration.ofMinutes(15);
    private Consumer<TestResult> progress = result -> {};

    private KitLauncher(BackendFixture fixture) {
        this.fixture = requireNonNull(fixture, "fixture");
    }

    /** Will test the backends of a fixture, which is closed after the run. */
    public static KitLauncher of(BackendFixture fixture) {
        return new KitLauncher(fixture);
    }

    /**
     * Will test the backend of a URL, in places of its own below it.
     *
     * @throws IllegalArgumentException if the URL is malformed
     */
    public static KitLauncher of(String url) {
        return new KitLauncher(new UrlFixture(url));
    }

    /** Sets seed, time scale and size. */
    public KitLauncher with(KitSettings other) {
        settings = requireNonNull(other, "settings");
        return this;
    }

    /** Runs only the tests of these rules, given as areas ({@code WATCH}) or ids ({@code WATCH-4}). */
    public KitLauncher only(Set<String> areasOrIds) {
        Set<String> wanted = Set.copyOf(areasOrIds);
        selected = method -> {
            Rule rule = method.getAnnotation(Rule.class);
            return rule != null
                    && Arrays.stream(rule.value())
                            .anyMatch(
                                    id -> wanted.contains(id) || wanted.contains(id.substring(0, id.lastIndexOf('-'))));
        };
        return this;
    }

    /** Runs only the tests of these names. */
    public KitLauncher onlyTests(Set<String> names) {
        Set<String> wanted = Set.copyOf(names);
        selected = method -> wanted.contains(method.getName());
        return this;
    }

    /**
     * Lets other runs, and other tests, go on in this JVM at the same time: a test then answers only for the threads that it has started itself, and its
     * waits keep their budgets, however often a wait of the kit has timed out.
     */
    public KitLauncher besideOthers() {
        besideOthers = true;
        return this;
    }

    /** Is told each result as it comes, on the thread that runs the tests. */
    public KitLauncher onResult(Consumer<TestResult> listener) {
        progress = requireNonNull(listener, "listener");
        return this;
    }

    /** Ends the run after this time; what was not tested by then is not verified. By default 15 minutes. */
    public KitLauncher within(Duration time) {
        limit = requireNonNull(time, "time");
        return this;
    }

    /** Runs the tests and tells what they have shown. */
    public ConformanceReport run() throws InterruptedException {
        String id = UUID.randomUUID().toString();
        KitRun run = new KitRun(
                fixture,
                settings,
                progress,
                besideOthers,
                besideOthers ? LiveThreads.OF_THE_TEST : LiveThreads.OF_THE_JVM);
        RUNS.put(id, run);
        CountDownLatch done = new CountDownLatch(1);
        Thread runner = new Thread(
                () -> {
                    try {
                        LauncherFactory.create().execute(request(id));
                    } catch (RuntimeException | LinkageError e) {
                        // Without an engine, for instance: a run that tested nothing must not look like one that found
                        // nothing.
                        run.add(ofTheRun("theRunBegins", "JUnit could not run the tests: " + e, Duration.ZERO));
                    } finally {
                        done.countDown();
                    }
                },
                "kit-launcher");
        // A backend that blocks for ever must not keep the JVM alive.
        runner.setDaemon(true);
        try {
            runner.start();
            if (!done.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                run.stop();
                run.add(ofTheRun(
                        "theRunEndsInTime",
                        "The run was stopped after " + limit.toSeconds() + " s; what is not listed was not tested.",
                        limit));
            }
            return run.report();
        } finally {
            RUNS.remove(id);
            fixture.close();
        }
    }

    private static TestResult ofTheRun(String name, String note, Duration took) {
        return new TestResult("KitLauncher", name, List.of(), Status.FAILED, List.of(), note, took.toMillis());
    }

    private LauncherDiscoveryRequest request(String id) {
        PostDiscoveryFilter filter = descriptor -> FilterResult.includedIf(descriptor
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> selected.test(((MethodSource) source).getJavaMethod()))
                .orElse(true));
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(LaunchedTckTest.class))
                .filters(filter)
                .configurationParameter(LAUNCH, id)
                .configurationParameter(
                        "junit.jupiter.testmethod.order.default", "org.junit.jupiter.api.MethodOrderer$Random")
                .configurationParameter("junit.jupiter.execution.order.random.seed", Long.toString(settings.seed()))
                // The tests of one run share a machine's time with nobody, so that their budgets mean something.
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .build();
    }

    /** The run that {@code context} belongs to, or null if JUnit was not started by a launcher of this class. */
    static @Nullable KitRun current(ExtensionContext context) {
        return context.getConfigurationParameter(LAUNCH).map(RUNS::get).orElse(null);
    }
}
