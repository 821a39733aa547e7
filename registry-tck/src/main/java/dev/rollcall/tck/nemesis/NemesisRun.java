package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.tck.history.FailureFiles;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.HistoryRecorder;
import dev.rollcall.tck.history.Judge;
import dev.rollcall.tck.history.LinearizabilityJudge;
import dev.rollcall.tck.history.Operation;
import dev.rollcall.tck.history.ReplayJudge;
import dev.rollcall.tck.history.Result;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Workload;
import dev.rollcall.tck.history.WorkloadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rounds of concurrent work on a cluster to which faults happen. The handles live as long as the run; each round has a directory of its
 * own and a history of its own, which is judged by replay and by the search for an order. Beside them, nodes stay registered and are
 * viewed; after each round, when all has healed, every view has to show what the store holds.
 */
public final class NemesisRun {
    private static final Logger log = LoggerFactory.getLogger("dev.rollcall.tck");
    private static final int HANDLES = 3;
    private static final int CLIENTS = 6;
    private static final int KEYS = 6;
    private static final int OPERATIONS = 250;
    private static final Duration JUDGING = Duration.ofSeconds(5);
    private static final Duration SHRINKING = Duration.ofSeconds(5);
    private static final Directory ROUNDS = Directory.of("/rounds");
    private static final Key PROBE = Key.of("/probe");

    private final Cluster cluster;
    private final NemesisOptions options;
    private final List<Fault> faults;
    private final Map<String, Integer> operations = new TreeMap<>();
    private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
    private final List<Duration> recoveries = new ArrayList<>();
    /** The nemesis adds to these as well. */
    private final List<String> violations = Collections.synchronizedList(new ArrayList<>());

    private int rounds;
    private int undecided;
    private int signals;

    /** A run on a cluster that is up. The caller closes it. */
    public NemesisRun(Cluster cluster, NemesisOptions options) {
        this.cluster = requireNonNull(cluster, "cluster");
        this.options = requireNonNull(options, "options");
        this.faults = options.faults().stream()
                .filter(fault -> fault.isPossible(cluster))
                .sorted()
                .toList();
    }

    /**
     * Runs, and writes {@code nemesis.txt} to the directory of the report.
     *
     * @throws InterruptedException if the thread is interrupted; the cluster is healed before
     */
    public NemesisReport run() throws InterruptedException, IOException {
        long end = System.nanoTime() + options.time().toNanos();
        List<KvBackend> handles = new ArrayList<>();
        try {
            for (int i = 0; i < HANDLES; i++) {
                handles.add(cluster.open());
            }
            try (ViewedNodes nodes = new ViewedNodes(handles);
                    KvBackend probe = cluster.open()) {
                Random random = new Random(options.seed());
                do {
                    round(handles, probe, nodes, random.nextInt(Integer.MAX_VALUE));
                } while (System.nanoTime() - end < 0);
            }
        } finally {
            handles.forEach(KvBackend::close);
        }
        NemesisReport report = new NemesisReport(
                cluster.name(), options.seed(), rounds, undecided, operations, struck, recoveries, signals, violations);
        Files.createDirectories(options.report());
        Files.writeString(options.report().resolve("nemesis.txt"), report + System.lineSeparator());
        return report;
    }

    private void round(List<KvBackend> handles, KvBackend probe, ViewedNodes nodes, int seed)
            throws InterruptedException {
        HistoryRecorder recorder = new HistoryRecorder();
        Workload workload = Workload.values()[new Random(seed).nextInt(Workload.values().length)];
        Directory directory = ROUNDS.directory("r" + rounds + "-" + seed);
        WorkloadOptions size =
                WorkloadOptions.of(seed).sized(KEYS, CLIENTS, OPERATIONS).lasting(options.round(), options.settling());
        History history;
        try (Nemesis nemesis = new Nemesis(cluster, faults, recorder, seed, options.round(), () -> recovery(probe))) {
            history = workload.run(recorder, handles, directory, size);
            nemesis.close();
            nemesis.struck().forEach((fault, times) -> struck.merge(fault, times, Integer::sum));
            recoveries.addAll(nemesis.recoveries());
        }
        rounds++;
        String name = "round " + rounds + ", " + workload + ", seed " + seed;
        count(history);
        judge(history, name, seed);
        nodes.difference(options.settling()).ifPresent(difference -> violations.add(name + ": " + difference));
        log.info(
                "{}: {} operations, {} violations so far, faults {}",
                name,
                history.operations().size(),
                violations.size(),
                struck);
    }

    /** The time from now until a write is acknowledged. */
    private Duration recovery(KvBackend probe) {
        long from = System.nanoTime();
        while (true) {
            try {
                Futures.await(probe.put(PROBE, Bytes.ofUtf8("up")));
                return Duration.ofNanos(System.nanoTime() - from);
            } catch (KvException e) {
                if (System.nanoTime() - from > options.settling().toNanos()) {
                    violations.add("nothing was written within " + options.settling() + " of all having healed: " + e);
                    return Duration.ofNanos(System.nanoTime() - from);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Duration.ofNanos(System.nanoTime() - from);
            }
        }
    }

    private void count(History history) {
        for (Operation operation : history.operations()) {
            operations.merge(outcome(operation), 1, Integer::sum);
        }
        history.watches().forEach(watch -> signals += watch.deliveries().size());
    }

    private static String outcome(Operation operation) {
        if (operation.result() instanceof Result.Pending) {
            return "pending";
        }
        if (operation.result() instanceof Result.Unknown) {
            return "unknown";
        }
        return operation.result() instanceof Result.NotApplied
                ? "not applied"
                : operation.result() instanceof Result.ConditionFailed ? "condition failed" : "answered";
    }

    private void judge(History history, String name, int seed) {
        history.operations().stream()
                .filter(operation -> operation.result() instanceof Result.Pending)
                .findFirst()
                .ifPresent(operation -> violations.add(name + ": LIFE-1, was never answered: " + operation));
        boolean replayed = judge(history, new ReplayJudge(), name, "replay-" + seed);
        boolean ordered = judge(history, LinearizabilityJudge.perKey(JUDGING), name, "order-" + seed);
        // The search may not find in time the order which the replay has found already.
        if (!replayed && !ordered) {
            undecided++;
        }
    }

    private boolean judge(History history, Judge judge, String name, String file) {
        Verdict verdict = judge.judge(history);
        if (verdict.kind() == Verdict.Kind.VIOLATION) {
            String where = new FailureFiles(options.report(), file).write(history, verdict, judge, SHRINKING);
            violations.add(name + ": " + verdict.violations().get(0) + ". " + where);
        }
        return verdict.isOk();
    }
}
