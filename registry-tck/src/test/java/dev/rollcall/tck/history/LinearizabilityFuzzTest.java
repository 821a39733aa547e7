package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.time.Duration;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class LinearizabilityFuzzTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int HISTORIES = 15_000;
    /** With the seed of a build one step further, none of the histories is the same. */
    private static final long FIRST = 1 + (KitSettings.fromEnvironment().seed() - 1) * HISTORIES;

    private final Judge whole = LinearizabilityJudge.whole(LIMIT);
    private final Judge perKey = LinearizabilityJudge.perKey(LIMIT);

    @Test
    void everyHistoryOfACorrectStoreIsAllowed() {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            History history = SimulatedStore.history(seed, 3, 4, 12, false);
            assertThat(whole.judge(history).kind())
                    .as("seed %d: %s", seed, history)
                    .isEqualTo(Verdict.Kind.OK);
            assertThat(perKey.judge(history).kind())
                    .as("seed %d: %s", seed, history)
                    .isEqualTo(Verdict.Kind.OK);
        }
    }

    @Test
    void wholeAgreesWithBruteForceOnSpoiledHistories() {
        int forbidden = compare(whole, seed -> SimulatedStore.history(seed, 2, 3, 7, false), true);
        assertThat(forbidden).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
    }

    @Test
    void perKeyAgreesWithBruteForceOnSpoiledHistoriesOfSingleKeys() {
        int forbidden = compare(perKey, seed -> SimulatedStore.history(seed, 2, 3, 7, true), true);
        assertThat(forbidden).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
    }

    @Test
    void perKeyNeverAccusesWhatBruteForceExplains() {
        int forbidden = compare(perKey, seed -> SimulatedStore.history(seed, 3, 3, 7, false), false);
        assertThat(forbidden).isGreaterThan(HISTORIES / 20);
    }

    private static int compare(Judge judge, LongFunction<History> source, boolean exactly) {
        int forbidden = 0;
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            History history = Mutation.of(source.apply(seed), seed);
            Verdict verdict = judge.judge(history);
            boolean explained = BruteForceOrder.explains(history);
            if (exactly || verdict.kind() == Verdict.Kind.VIOLATION) {
                assertThat(verdict.kind())
                        .as("seed %d: %s, %s", seed, verdict, history)
                        .isEqualTo(explained ? Verdict.Kind.OK : Verdict.Kind.VIOLATION);
            }
            forbidden += verdict.kind() == Verdict.Kind.VIOLATION ? 1 : 0;
        }
        return forbidden;
    }
}
