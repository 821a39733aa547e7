package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
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
import dev.rollcall.tck.history.Moment;
import dev.rollcall.tck.history.Operation;
import dev.rollcall.tck.history.ReplayJudge;
import dev.rollcall.tck.history.Result;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Workload;
import dev.rollcall.tck.history.WorkloadOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rounds of concurrent work on a cluster to which faults happen. The handles live as long as the run; each round has a directory of its
 * own and a history of its own, which is judged by replay and by the search for an order. Beside them, nodes stay registered and are
 * viewed, leases are held, and a lock is contended for; after each round, when all has healed, every view has to show what the store holds,
 * what is over has to be gone, and everybody has to get on. In the end nothing may be left of the handles.
 */
public final class NemesisRun {
    private static final Logger log = LoggerFactory.getLogger("dev.rollcall.tck");
    private static final int HANDLES = 3;
    private static final int CLIENTS = 6;
    private static final int KEYS = 6;
    private static final int OPERATIONS = 250;
    /** After how many rounds, on average, the store goes back in time, if there are other faults as well. */
    private static final int ROUNDS_OF_AN_AGE = 5;

    private static final Duration JUDGING = Duration.ofSeconds(5);
    private static final Duration SHRINKING = Duration.ofSeconds(5);
    private static final Directory ROUNDS = Directory.of("/rounds");
    private static final Key PROBE = Key.of("/probe");

    private final Cluster cluster;
    private final NemesisOptions options;
    private final List<Fault> faults;
    /** Those that take entries away, and so have rounds of their own. */
    private final List<Fault> losses;
    /** Those that part histories. */
    private final List<Fault> partings;

    private final Map<String, Integer> operations = new TreeMap<>();
    private final List<NemesisRound> timeline = new ArrayList<>();
    private final Tally tally = new Tally();
    /** The nemesis and the companions add to these as well. */
    private final RunFindings findings;

    private Predicate<NemesisRound> goOn = round -> true;
    private long begun;
    private int rounds;
    private int undecided;
    private int unordered;
    private int signals;

    /** A run on a cluster that is up. The caller closes it. */
    public NemesisRun(Cluster cluster, NemesisOptions options) {
        this.cluster = requireNonNull(cluster, "cluster");
        this.options = requireNonNull(options, "options");
        this.findings = new RunFindings(cluster.knownFaults(), System::nanoTime);
        List<Fault> possible = options.faults().stream()
                .filter(fault -> fault.isPossible(cluster))
                .sorted()
                .toList();
        this.faults = possible.stream()
                .filter(fault -> !fault.takesEntries() && !fault.partsHistories())
                .toList();
        this.losses = possible.stream().filter(Fault::takesEntries).toList();
        this.partings = possible.stream().filter(Fault::partsHistories).toList();
    }

    /**
     * Who is told of each round when it has been judged, by the thread that runs, and says whether another may follow. Only before the run.
     */
    public NemesisRun onRound(Predicate<NemesisRound> listener) {
        goOn = requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Runs, and {@linkplain NemesisReport#write writes} the report to its directory, also if a round fails.
     *
     * @throws InterruptedException if the thread is interrupted; the cluster is healed before
     */
    public NemesisReport run() throws InterruptedException, IOException {
        begun = System.nanoTime();
        NemesisReport report;
        try {
            rounds();
        } catch (RuntimeException | Error e) {
            findings.violation("the run ended: " + e);
            throw e;
        } finally {
            report = report();
            report.write(options.report());
        }
        return report;
    }

    private NemesisReport report() {
        return new NemesisReport(
                cluster.name(),
                options.seed(),
                sinceBegun(),
                rounds,
                undecided,
                unordered,
                operations,
                timeline,
                signals,
                tally.now(),
                findings.known(),
                findings.violations());
    }

    private Duration sinceBegun() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private void rounds() throws InterruptedException {
        Handles handles = new Handles(cluster);
        try {
            List<KvBackend> shared =
                    IntStream.range(0, HANDLES).mapToObj(i -> handles.open()).toList();
            try (Companions companions = new Companions(place ->
                    new Setting(shared, handles::open, tally, findings, options.seed(), place, options.settling()))) {
                KvBackend probe = handles.open();
                Random random = new Random(options.seed());
                boolean more = true;
                while (more) {
                    NemesisRound round = round(shared, probe, companions, random.nextInt(Integer.MAX_VALUE));
                    more = goOn.test(round) && sinceBegun().compareTo(options.time()) < 0;
                }
            }
        } finally {
            handles.close();
        }
        handles.leftovers(options.settling()).forEach(left -> findings.violation("after the run: " + left));
    }

    private NemesisRound round(List<KvBackend> handles, KvBackend probe, Companions companions, int seed)
            throws InterruptedException {
        Duration from = sinceBegun();
        HistoryRecorder recorder = new HistoryRecorder();
        Workload workload = Workload.values()[new Random(seed).nextInt(Workload.values().length)];
        Directory directory = ROUNDS.directory("r" + rounds + "-" + seed);
        String name = "round " + (rounds + 1) + ", " + workload + ", seed " + seed;
        WorkloadOptions size = WorkloadOptions.of(seed)
                .sized(KEYS, CLIENTS, OPERATIONS)
                .paced(options.round().dividedBy(OPERATIONS))
                .lasting(options.round(), options.settling());
        boolean loses = loses(seed);
        if (loses) {
            companions.entriesMayGo();
        }
        Nemesis.Audience audience = audience(probe, name);
        Optional<Parting> parting = loses ? Optional.empty() : parting(seed);
        History history;
        List<FaultTime> times;
        try (Nemesis nemesis =
                new Nemesis(cluster, loses ? losses : faults, recorder, seed, options.round(), begun, audience)) {
            history = workload.run(recorder, handles, directory, size);
            nemesis.close();
            times = new ArrayList<>(nemesis.times());
        }
        Duration until = sinceBegun();
        rounds++;
        count(history);
        judgeAnswers(history, name);
        if (loses) {
            recover(probe, name).ifPresent(companions::entriesStay);
            LastState.differences(history).forEach(difference -> findings.violation(name + ": " + difference));
        } else {
            judge(history, name, seed);
        }
        companions.judge(name, rounds, findings, options.settling());
        if (parting.isPresent()) {
            times.add(part(parting.get(), companions, name, audience));
        }
        NemesisRound round = new NemesisRound(
                rounds,
                workload,
                seed,
                from,
                until,
                times,
                pulses(history, from),
                findings.newKnown(),
                findings.newViolations());
        timeline.add(round);
        log.info(
                "{}: {} operations, {} violations so far, {} faults",
                name,
                history.operations().size(),
                findings.violations().size(),
                times.size());
        return round;
    }

    /** Whether a round is one of those in which entries are taken away: as many as there are such faults among all. */
    private boolean loses(int seed) {
        return new Random(~seed).nextInt(Math.max(1, faults.size() + losses.size() + partings.size())) < losses.size();
    }

    /** A fault that parts histories, which has struck. */
    private record Parting(Fault fault, InjectedFault injected) {}

    private Optional<Parting> parting(int seed) {
        Random random = new Random(seed + 1L);
        List<Fault> possible =
                partings.stream().filter(fault -> fault.isPossible(cluster)).toList();
        if (possible.isEmpty() || (!faults.isEmpty() && random.nextInt(ROUNDS_OF_AN_AGE) > 0)) {
            return Optional.empty();
        }
        Parting parting = new Parting(possible.get(random.nextInt(possible.size())), new InjectedFault());
        try {
            parting.fault().strike(cluster, random, parting.injected());
        } catch (RuntimeException | Error e) {
            parting.injected().heal();
            throw e;
        }
        return Optional.of(parting);
    }

    /** Undoes it, by which the store is another one. */
    private FaultTime part(Parting parting, Companions companions, String name, Nemesis.Audience audience)
            throws InterruptedException {
        List<Duration> times = new ArrayList<>();
        companions.across(name, rounds, findings, options.settling(), () -> {
            times.add(sinceBegun());
            audience.healing(parting.fault(), false);
            parting.injected().heal();
            audience.awaitRecovery();
            times.add(sinceBegun());
        });
        return new FaultTime(parting.fault(), times.get(0), times.get(0), times.get(1));
    }

    private Nemesis.Audience audience(KvBackend probe, String name) {
        return new Nemesis.Audience() {
            @Override
            public void healing(Fault fault, boolean astray) {
                findings.healing(fault, astray);
            }

            @Override
            public void awaitRecovery() {
                recover(probe, name);
            }
        };
    }

    private static List<Pulse> pulses(History history, Duration from) {
        Map<Integer, Pulse> pulses = new TreeMap<>();
        for (Operation operation : history.operations()) {
            Moment end = operation.returned() == null ? operation.called() : operation.returned();
            int second = Math.toIntExact(from.plusNanos(end.nanos()).toSeconds());
            boolean failed = operation.result() instanceof Result.NotApplied;
            boolean doubt = operation.isInDoubt();
            Pulse one = new Pulse(second, failed || doubt ? 0 : 1, failed ? 1 : 0, doubt ? 1 : 0);
            pulses.merge(second, one, Pulse::plus);
        }
        return List.copyOf(pulses.values());
    }

    /** Waits until a write is acknowledged, and returns its revision. */
    private OptionalLong recover(KvBackend probe, String name) {
        long from = System.nanoTime();
        while (System.nanoTime() - from < options.settling().toNanos()) {
            try {
                Commit commit = Futures.await(probe.put(PROBE, Bytes.ofUtf8("up")), options.settling());
                return OptionalLong.of(commit.revision());
            } catch (KvException e) {
                log.debug("Not yet: {}", e.getMessage());
            } catch (TimeoutException e) {
                break;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return OptionalLong.empty();
            }
        }
        findings.violation(name + ": nothing was written within " + options.settling() + " of all having healed");
        return OptionalLong.empty();
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

    private void judgeAnswers(History history, String name) {
        history.operations().stream()
                .filter(operation -> operation.result() instanceof Result.Pending)
                .findFirst()
                .ifPresent(operation -> findings.violation(name + ": LIFE-1, was never answered: " + operation));
        Workload.unsettled(history).ifPresent(what -> findings.violation(name + ": LIFE-8, " + what));
    }

    private void judge(History history, String name, int seed) {
        // The replay judges everything; the search leaves watches out, and may not find in time what the replay has
        // found.
        undecided += judge(history, new ReplayJudge(), name, "replay-" + seed);
        unordered += judge(history, LinearizabilityJudge.perKey(JUDGING), name, "order-" + seed);
    }

    /** Judges, and returns 1 if that was undecided. */
    private int judge(History history, Judge judge, String name, String file) {
        Verdict verdict = judge.judge(history);
        if (verdict.kind() == Verdict.Kind.VIOLATION) {
            String where = new FailureFiles(options.report(), file).write(history, verdict, judge, SHRINKING);
            findings.violation(name + ": " + verdict.violations().get(0) + ". " + where);
        }
        return verdict.kind() == Verdict.Kind.UNDECIDED ? 1 : 0;
    }
}
