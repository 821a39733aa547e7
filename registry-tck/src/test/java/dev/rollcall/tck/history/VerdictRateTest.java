package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.history.Verdict.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many right histories the replay clears, and how many with one fault it convicts; {@code docs/histories.md} has the figures. */
class VerdictRateTest {
    private static final long SEEDS = Long.getLong("tck.judgedSeeds", 1500);

    private final Judge replay = new ReplayJudge();
    private final Judge order = LinearizabilityJudge.whole(Duration.ofMinutes(2));

    /** Shared and sparse revisions, watches that skip what was replaced, sequential reads that lag, a quarter of the writes in doubt. */
    private static List<History> right(long seed) {
        return List.of(
                SimulatedStore.lagging(seed, 3, 4, 24, false),
                SimulatedStore.watched(seed, 3, 4, 30, true),
                SimulatedStore.history(seed, 2, 4, 20, false));
    }

    @Test
    void rightHistoriesAreCleared() {
        Map<Kind, Integer> verdicts = new EnumMap<>(Kind.class);
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (History history : right(seed)) {
                Verdict verdict = replay.judge(history);
                assertThat(verdict.kind())
                        .as("seed %d: %s, %s", seed, verdict, history)
                        .isNotEqualTo(Kind.VIOLATION);
                assertThat(order.judge(history).kind()).as("seed %d", seed).isEqualTo(Kind.OK);
                verdicts.merge(verdict.kind(), 1, Integer::sum);
            }
        }
        report("right", verdicts);
        assertThat(verdicts.getOrDefault(Kind.UNDECIDED, 0)).isLessThan((int) (SEEDS * 3 / 50));
    }

    /** Of a hundred thousand seeds: guesses about deletions had been taken for facts. */
    @ParameterizedTest
    @ValueSource(longs = {10_697, 13_763, 19_294, 24_304, 27_079, 31_366, 33_365, 38_840, 42_752, 43_168})
    void rightHistoryThatWasOnceAccused(long seed) {
        for (History history : right(seed)) {
            Verdict verdict = replay.judge(history);
            assertThat(verdict.kind()).as(verdict.toString()).isNotEqualTo(Kind.VIOLATION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void wrongHistoriesAreConvicted(PlantedFault fault) {
        Map<Kind, Integer> verdicts = new EnumMap<>(Kind.class);
        List<String> cleared = new ArrayList<>();
        int planted = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (History history : right(seed)) {
                History wrong = fault.in(history, new Random(seed)).orElse(null);
                if (wrong != null) {
                    planted++;
                    Verdict verdict = replay.judge(wrong);
                    verdicts.merge(verdict.kind(), 1, Integer::sum);
                    if (verdict.isOk()) {
                        cleared.add("seed " + seed + ": " + wrong);
                    }
                }
            }
        }
        report(fault.name(), verdicts);
        assertThat(cleared).isEmpty();
        assertThat(planted).isGreaterThan((int) SEEDS / 10);
        assertThat(verdicts.getOrDefault(Kind.UNDECIDED, 0)).isLessThanOrEqualTo(planted / 100);
    }

    private static void report(String what, Map<Kind, Integer> verdicts) {
        org.slf4j.LoggerFactory.getLogger(VerdictRateTest.class).info("{}: {}", what, verdicts);
    }
}
