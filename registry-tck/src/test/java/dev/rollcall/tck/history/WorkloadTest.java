package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.history.ModelStore.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WorkloadTest {
    private static final Directory DIR = Directory.of("/work");

    private final Judge order = LinearizabilityJudge.perKey(Duration.ofSeconds(20));
    private final Judge replay = new ReplayJudge();

    @ParameterizedTest
    @EnumSource(Workload.class)
    void correctStorePassesBothJudges(Workload workload) throws InterruptedException {
        History history = run(workload, Fault.NONE, 7);
        assertThat(history.operations()).hasSizeGreaterThan(400);
        assertThat(history.watches()).isNotEmpty();
        assertThat(replay.judge(history).toString()).startsWith("OK");
        assertThat(order.judge(history).toString()).startsWith("OK");
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void lostAnswersAreNoViolation(Workload workload) throws InterruptedException {
        History history = run(workload, Fault.LOST_ANSWERS, 8);
        assertThat(history.operations()).anyMatch(Operation::isInDoubt);
        assertThat(replay.judge(history).toString()).startsWith("OK");
        assertThat(order.judge(history).toString()).startsWith("OK");
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
        Verdict verdict = replay.judge(run(workload, fault, 9));
        assertThat(verdict.kind()).as(verdict.toString()).isEqualTo(Verdict.Kind.VIOLATION);
    }

    @Test
    void orderOfOneKeyFindsStaleReadsWithoutRevisions() throws InterruptedException {
        Verdict verdict = order.judge(run(Workload.REGISTERS, Fault.STALE_READS, 10));
        assertThat(verdict.violations()).extracting(Violation::rule).contains("READ-1");
    }

    @Test
    void transfersKeepTheSum() throws InterruptedException {
        History history = run(Workload.TRANSFERS, Fault.NONE, 11);
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
        WorkloadOptions options = WorkloadOptions.of(1)
                .sized(2, 2, Integer.MAX_VALUE)
                .lasting(Duration.ofMillis(50), Duration.ofSeconds(5));
        KvBackend handle = new ModelStore(Fault.NONE).open();
        History history = Workload.REGISTERS.run(List.of(handle), DIR, options);
        assertThat(history.operations()).isNotEmpty();
        assertThat(LinearizabilityJudge.keys(history)).allMatch((Key key) -> DIR.covers(key));
    }

    private static History run(Workload workload, Fault fault, long seed) throws InterruptedException {
        ModelStore store = new ModelStore(fault);
        // The model tells its watches before it answers, so that what is owed has come already or never will.
        WorkloadOptions options = WorkloadOptions.of(seed).lasting(Duration.ofSeconds(30), Duration.ofSeconds(1));
        return workload.run(List.of(store.open(), store.open()), DIR, options);
    }
}
