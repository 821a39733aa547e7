package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmallestFailureTest {
    private final Judge order = LinearizabilityJudge.perKey(Duration.ofSeconds(5));
    private final Judge replay = new ReplayJudge();

    @Test
    void staleReadIsCutDownToTheReadAndWhatItMissed() throws InterruptedException {
        History history = run(Workload.REGISTERS, ModelStore.Fault.STALE_READS, 3);
        for (Judge judge : List.of(order, replay)) {
            History smallest = SmallestFailure.of(history, judge);
            assertThat(smallest.operations()).hasSizeLessThanOrEqualTo(6);
            assertThat(judge.judge(smallest).kind()).isEqualTo(Verdict.Kind.VIOLATION);
        }
    }

    @Test
    void skippedEventIsCutDownToOneWatch() throws InterruptedException {
        // With several clients the order of skipped events is now and then too much for the replay to decide.
        History history = run(Workload.WATCHERS, ModelStore.Fault.SKIPPED_EVENTS, 1);
        assertThat(history.watches()).hasSizeGreaterThan(1);
        History smallest = SmallestFailure.of(history, replay);
        assertThat(smallest.watches()).hasSize(1);
        assertThat(smallest.operations()).hasSizeLessThan(history.operations().size() / 3);
        assertThat(replay.judge(smallest).violations())
                .extracting(Violation::rule)
                .containsOnly("WATCH-2");
    }

    @Test
    void whatIsFineStaysWhole() {
        History history = SimulatedStore.history(1, 2, 3, 9, false);
        assertThat(SmallestFailure.of(history, replay)).isSameAs(history);
    }

    private static History run(Workload workload, ModelStore.Fault fault, int clients) throws InterruptedException {
        return workload.run(
                List.of(new ModelStore(fault).open()),
                Directory.of("/small"),
                WorkloadOptions.of(2).sized(3, clients, 180 / clients));
    }
}
