package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmallestFailureTest {
    private final Judge order = LinearizabilityJudge.perKey(Duration.ofMinutes(2));
    private final Judge replay = new ReplayJudge();

    @Test
    void staleReadIsCutDownToTheReadAndWhatItMissed() {
        History right = SimulatedStore.history(2, 3, 3, 180, true);
        History history = PlantedFault.STALE_READ.in(right, new Random(2)).orElseThrow();
        for (Judge judge : List.of(order, replay)) {
            assertThat(judge.judge(right).kind()).isEqualTo(Verdict.Kind.OK);
            History smallest = SmallestFailure.of(history, judge);
            assertThat(smallest.operations()).hasSizeLessThanOrEqualTo(6);
            assertThat(judge.judge(smallest).kind()).isEqualTo(Verdict.Kind.VIOLATION);
        }
    }

    @Test
    void skippedChangeIsCutDownToOneWatch() {
        History right = SimulatedStore.watched(3, 3, 3, 60, false);
        History history = PlantedFault.SKIPPED_CHANGE.in(right, new Random(3)).orElseThrow();
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
}
