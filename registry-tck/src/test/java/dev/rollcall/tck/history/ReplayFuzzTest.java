package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class ReplayFuzzTest {
    private static final int HISTORIES = 15_000;

    private final Judge replay = new ReplayJudge();
    private int allowed;
    private int forbidden;
    private int undecided;

    @Test
    void noHistoryOfACorrectStoreIsForbidden() {
        for (long seed = 1; seed <= HISTORIES; seed++) {
            count(seed, SimulatedStore.history(seed, 3, 4, 14, false), true);
        }
        assertThat(undecided).isLessThan(HISTORIES / 50);
    }

    @Test
    void noWatchedHistoryOfACorrectStoreIsForbidden() {
        for (long seed = 1; seed <= HISTORIES; seed++) {
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

    private void compare(LongFunction<History> source) {
        for (long seed = 1; seed <= HISTORIES; seed++) {
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
