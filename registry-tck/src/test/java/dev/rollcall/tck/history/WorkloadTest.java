package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.history.ModelStore.Fault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What workloads make of a store. With several clients, threads race, so that such a history may only be asked what is true of each; with
 * one client the seed decides everything, and a judge has to find in it what is wrong.
 */
class WorkloadTest {
    private static final Directory DIR = Directory.of("/work");
    private static final int SEVERAL = 5;
    private static final int OPERATIONS = 500;
    /** Far more than it takes. */
    private static final int MOST_HISTORIES = 20;

    private final long seed = KitSettings.fromEnvironment().seed();
    private final Judge order = LinearizabilityJudge.perKey(Duration.ofSeconds(5));
    private final Judge replay = new ReplayJudge();

    @ParameterizedTest
    @EnumSource(Workload.class)
    void correctStorePassesBothJudges(Workload workload) throws InterruptedException {
        assertAcquitted(
                workload,
                Fault.NONE,
                history ->
                        history.operations().size() > 400 && !history.watches().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void lostAnswersAreNoViolation(Workload workload) throws InterruptedException {
        assertAcquitted(
                workload,
                Fault.LOST_ANSWERS,
                history -> history.operations().stream().anyMatch(Operation::isInDoubt));
    }

    /** That no history is found guilty; what a judge cannot decide proves nothing, and the next seed is taken. */
    private void assertAcquitted(Workload workload, Fault fault, Predicate<History> interesting)
            throws InterruptedException {
        for (int i = 0; i < MOST_HISTORIES; i++) {
            History history = run(workload, fault, seed + i, SEVERAL);
            assertThat(history).matches(interesting, "holds what it is about");
            assertThat(Workload.unsettled(history)).isEmpty();
            Verdict replayed = replay.judge(history);
            Verdict ordered = order.judge(history);
            assertThat(List.of(replayed, ordered))
                    .allSatisfy(verdict -> assertThat(verdict.kind())
                            .as("seed %d: %s", history.operations().size(), verdict)
                            .isNotEqualTo(Verdict.Kind.VIOLATION));
            if (replayed.isOk() && ordered.isOk()) {
                return;
            }
        }
        throw new AssertionError("No history of " + MOST_HISTORIES + " from seed " + seed + " could be decided.");
    }

    @ParameterizedTest
    @CsvSource({
        "REGISTERS, STALE_READS",
        "REGISTERS, LOST_UPDATES",
        "TRANSFERS, STALE_READS",
        "TRANSFERS, TORN_TRANSACTIONS",
        "WATCHERS, SKIPPED_EVENTS",
        "WATCHERS, TORN_TRANSACTIONS",
        "MIXED, LOST_UPDATES",
        "MIXED, SKIPPED_EVENTS"
    })
    void brokenStoreIsFoundOut(Workload workload, Fault fault) throws InterruptedException {
        assertThat(convicted(replay, workload, fault).violations()).isNotEmpty();
    }

    @Test
    void orderOfOneKeyFindsStaleReadsWithoutRevisions() throws InterruptedException {
        Verdict verdict = convicted(order, Workload.REGISTERS, Fault.STALE_READS);
        assertThat(verdict.violations()).extracting(Violation::rule).contains("READ-1");
    }

    /** What a judge says of the first history that it finds guilty. */
    private Verdict convicted(Judge judge, Workload workload, Fault fault) throws InterruptedException {
        for (int i = 0; i < MOST_HISTORIES; i++) {
            Verdict verdict = judge.judge(run(workload, fault, seed + i, 1));
            if (verdict.kind() == Verdict.Kind.VIOLATION) {
                return verdict;
            }
        }
        throw new AssertionError(
                "No history of " + MOST_HISTORIES + " from seed " + seed + " was found guilty of " + fault + ".");
    }

    @Test
    void oneClientAndOneSeedMakeOneHistory() throws InterruptedException {
        for (Workload workload : Workload.values()) {
            assertThat(calls(run(workload, Fault.LOST_ANSWERS, seed, 1)))
                    .isEqualTo(calls(run(workload, Fault.LOST_ANSWERS, seed, 1)))
                    .isNotEqualTo(calls(run(workload, Fault.LOST_ANSWERS, seed + 1, 1)));
        }
    }

    private static List<String> calls(History history) {
        return history.operations().stream()
                .map(operation -> operation.call() + " gives " + operation.result())
                .toList();
    }

    @Test
    void transfersKeepTheSum() throws InterruptedException {
        History history = run(Workload.TRANSFERS, Fault.NONE, seed, SEVERAL);
        List<Result.Listed> lists = history.operations().stream()
                .filter(operation -> operation.call() instanceof Call.Entries)
                .map(operation -> (Result.Listed) operation.result())
                .toList();
        assertThat(lists)
                .hasSizeGreaterThan(5)
                .allSatisfy(list -> assertThat(list.entries().stream()
                                .filter(entry -> entry.value().contains(" "))
                                .mapToInt(entry -> Integer.parseInt(
                                        entry.value().substring(0, entry.value().indexOf(' '))))
                                .sum())
                        .isEqualTo(400));
    }

    @Test
    void workloadEndsWithItsTime() throws InterruptedException {
        WorkloadOptions options = WorkloadOptions.of(seed)
                .sized(2, 2, Integer.MAX_VALUE)
                .lasting(Duration.ofMillis(50), Duration.ofSeconds(5));
        KvBackend handle = new ModelStore(Fault.NONE).open();
        // Its threads are told from those of other tests by the group of the thread that starts them.
        ThreadGroup group = new ThreadGroup("workload that ends");
        AtomicReference<History> recorded = new AtomicReference<>();
        Thread runner = new Thread(group, () -> recorded.set(runUninterrupted(handle, options)));
        runner.start();
        runner.join(Duration.ofMinutes(2).toMillis());
        assertThat(group.activeCount()).as("threads that go on").isZero();
        History history = requireNonNull(recorded.get(), "history");
        assertThat(LinearizabilityJudge.keys(history)).allMatch((Key key) -> DIR.covers(key));
    }

    private static History runUninterrupted(KvBackend handle, WorkloadOptions options) {
        try {
            return Workload.REGISTERS.run(List.of(handle), DIR, options);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void storeThatDoesNotComeBackIsSaidToBeUnsettled() throws InterruptedException {
        assertThat(unsettled(Fault.NO_WRITES_IN_THE_END))
                .contains("no write was acknowledged any more; the last attempt was ", "/work/a/end");
        assertThat(unsettled(Fault.NO_READS_IN_THE_END))
                .contains("nothing could be listed any more by h0, h1; the last attempt was ");
    }

    private String unsettled(Fault fault) throws InterruptedException {
        ModelStore store = new ModelStore(fault);
        WorkloadOptions options =
                WorkloadOptions.of(seed).sized(2, 2, 60).lasting(Duration.ofMinutes(2), Duration.ofMillis(300));
        return Workload.unsettled(Workload.REGISTERS.run(List.of(store.open(), store.open()), DIR, options))
                .orElse("");
    }

    private static History run(Workload workload, Fault fault, long seed, int clients) throws InterruptedException {
        ModelStore store = new ModelStore(fault);
        // Only what hangs takes so long; the model tells its watches before it answers.
        WorkloadOptions options = WorkloadOptions.of(seed)
                .sized(4, clients, OPERATIONS / clients)
                .lasting(Duration.ofMinutes(2), Duration.ofMinutes(1));
        return workload.run(List.of(store.open(), store.open()), DIR, options);
    }
}
