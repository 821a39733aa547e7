package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Key;
import dev.rollcall.tck.KitSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** That the work of a judge does not grow faster than its documentation says. */
class JudgeSpeedTest {
    private final long seed = KitSettings.fromEnvironment().random("speed").nextInt(1_000_000);

    /**
     * Writes in doubt, at most a quarter of all operations, may come at any time, so each operation is preceded by a look at all of them:
     * that product bounds the search. What it looks at is counted, which gives the same number on every machine, however busy it is.
     */
    @Test
    void searchForAnOrderLooksAtEachWriteInDoubtOnceForEachOperation() {
        int operations = 4_000;
        History history = SimulatedStore.history(seed, 1, 5, operations, true);
        List<Key> keys = List.copyOf(LinearizabilityJudge.keys(history));
        List<Step> steps = new Steps(history, keys, new Sightings(history)).make();
        long hang = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        OrderSearch search = new OrderSearch(steps, keys.size(), hang);
        assertThat(search.run()).isEqualTo(OrderSearch.Outcome.FOUND);
        LoggerFactory.getLogger(JudgeSpeedTest.class)
                .info(
                        "The search for an order of {} operations looks at {} calls and returns",
                        operations,
                        search.visited());
        assertThat(search.visited()).isBetween((long) operations, (long) operations * operations / 4);
    }

    /**
     * An attempt to replay has no single step to count, so its processor time for a long history is compared with that for as many operations in short
     * ones. The lengths are so far apart that what is quadratic takes 128 times as long: a machine that is disturbed, in its caches or by
     * others, makes no such difference.
     */
    @Test
    void replayOfManyOperationsTakesTimeByTheirNumber() {
        int longer = 128;
        History small = SimulatedStore.answered(seed, 3, 5, 800);
        History large = SimulatedStore.answered(seed, 3, 5, longer * 800);
        // The compiler has seen everything by then.
        replay(small);
        double parts = 0;
        for (int i = 0; i < longer; i++) {
            parts += replay(small);
        }
        double whole = replay(large);
        LoggerFactory.getLogger(JudgeSpeedTest.class)
                .info("A replay of {} operations takes {} s, in {} parts {} s", longer * 800, whole, longer, parts);
        assertThat(whole)
                .as("seconds for all at once, while %d parts of it take %s", longer, parts)
                .isLessThan(longer / 4.0 * parts);
    }

    private static double replay(History history) {
        // Judges use no thread but that of the caller.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Verdict verdict = ReplayJudge.ofOneAttempt().judge(history);
        double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
        assertThat(verdict.kind()).as(verdict.toString()).isNotEqualTo(Verdict.Kind.VIOLATION);
        return seconds;
    }
}
