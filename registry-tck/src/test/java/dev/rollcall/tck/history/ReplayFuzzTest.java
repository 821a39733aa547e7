package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class ReplayFuzzTest {
    private static final int HISTORIES = 15_000;
    /** With the seed of a build one step further, none of the histories is the same. */
    private static final long FIRST = 1 + (KitSettings.fromEnvironment().seed() - 1) * HISTORIES;

    private final Judge replay = new ReplayJudge();
    private int allowed;
    private int forbidden;
    private int undecided;

    @Test
    void noHistoryOfACorrectStoreIsForbidden() {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            count(seed, SimulatedStore.history(seed, 3, 4, 14, false), true);
        }
        assertThat(undecided).isLessThan(HISTORIES / 50);
    }

    @Test
    void noWatchedHistoryOfACorrectStoreIsForbidden() {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            count(seed, SimulatedStore.watched(seed, 3, 4, 14, false), true);
        }
        assertThat(undecided).isLessThan(HISTORIES / 50);
    }

    @Test
    void agreesWithBruteForceOnSpoiledHistoriesOfSingleKeys() {
        compare(seed -> SimulatedStore.history(seed, 2, 3, 6, true));
        assertThat(forbidden).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
        assertThat(undecided).isLessThan(HISTORIES / 20);
    }

    @Test
    void agreesWithBruteForceOnSpoiledHistoriesOfTransactions() {
        compare(seed -> SimulatedStore.history(seed, 3, 3, 6, false));
        assertThat(forbidden).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
        assertThat(undecided).isLessThan(HISTORIES / 20);
    }

    /** Found by many more seeds than a build has time for. */
    @Test
    void agreesWithBruteForceWhereItOnceDidNot() {
        for (long seed : new long[] {107_464, 167_153, 251_700, 431_418}) {
            History history = Mutation.of(SimulatedStore.history(seed, 3, 3, 6, false), seed);
            count(seed, history, BruteForceReplay.explains(history));
        }
        History history = Mutation.of(SimulatedStore.history(143_954, 2, 3, 6, true), 143_954);
        count(143_954, history, BruteForceReplay.explains(history));
        count(116_847, SimulatedStore.history(116_847, 3, 4, 14, false), true);
    }

    private void compare(LongFunction<History> source) {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            History history = Mutation.of(source.apply(seed), seed);
            count(seed, history, BruteForceReplay.explains(history));
        }
    }

    private void count(long seed, History history, boolean explained) {
        Verdict verdict = replay.judge(history);
        switch (verdict.kind()) {
            case OK -> allowed++;
            case VIOLATION -> forbidden++;
            case UNDECIDED -> undecided++;
        }
        if (verdict.kind() != Verdict.Kind.UNDECIDED) {
            assertThat(verdict.isOk())
                    .as("seed %d (%d allowed, %d forbidden): %s, %s", seed, allowed, forbidden, verdict, history)
                    .isEqualTo(explained);
        }
    }
}
