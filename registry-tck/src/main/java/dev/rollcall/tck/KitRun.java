package dev.rollcall.tck;

import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.TestResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One run of the kit against one backend: its settings, and what has been found so far. */
final class KitRun {
    private final BackendFixture fixture;
    private final KitSettings settings;
    private final Budgets budgets;
    private final LiveThreads threads;
    private final Consumer<TestResult> progress;
    private final long start = System.nanoTime();
    private final List<TestResult> results = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;

    KitRun(BackendFixture fixture, KitSettings settings, Consumer<TestResult> progress) {
        this(fixture, settings, progress, false, LiveThreads.OF_THE_JVM);
    }

    KitRun(
            BackendFixture fixture,
            KitSettings settings,
            Consumer<TestResult> progress,
            boolean patient,
            LiveThreads threads) {
        this.fixture = fixture;
        this.settings = settings;
        this.budgets = new Budgets(settings, fixture.deadline(), patient);
        this.threads = threads;
        this.progress = progress;
    }

    BackendFixture fixture() {
        return fixture;
    }

    KitSettings settings() {
        return settings;
    }

    Budgets budgets() {
        return budgets;
    }

    LiveThreads threads() {
        return threads;
    }

    void add(TestResult result) {
        results.add(result);
        progress.accept(result);
    }

    /** Lets no further test begin. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    ConformanceReport report() {
        return ConformanceReport.of(
                fixture.name(),
                Spec.shipped(),
                settings.seed(),
                Duration.ofNanos(System.nanoTime() - start),
                List.copyOf(results));
    }
}
