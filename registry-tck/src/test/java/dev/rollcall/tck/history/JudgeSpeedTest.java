package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * That judges are not much slower, for each operation, with a long history than with short ones: the short ones, judged in the same run,
 * are the yardstick, and only the processor's time counts. So neither a slow machine nor a busy one makes a difference.
 */
class JudgeSpeedTest {
    /** What is quadratic needs as many times longer as the long history is longer than a short one. */
    private static final int LONGER = 16;

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final long seed = KitSettings.fromEnvironment().random("speed").nextInt(1_000_000);

    @Test
    void orderOfManyOperationsOnOneKeyTakesNotMuchMoreTimeThanTheirNumberSquared() {
        // Each state that the search remembers is as long as the history.
        assertGrowth(
                LinearizabilityJudge.perKey(LIMIT),
                count -> SimulatedStore.history(seed, 1, 5, (int) count, true),
                4_000,
                2 * LONGER);
    }

    @Test
    void replayOfManyOperationsTakesTimeByTheirNumber() {
        assertGrowth(new ReplayJudge(), count -> SimulatedStore.answered(seed, 3, 5, (int) count), 100_000, 5);
    }

    private static void assertGrowth(Judge judge, LongFunction<History> source, int operations, int most) {
        History small = source.apply(operations / LONGER);
        History large = source.apply(operations);
        // The compiler has seen everything by then.
        judge(judge, small);
        double yardstick = 0;
        for (int i = 0; i < LONGER; i++) {
            yardstick += judge(judge, small);
        }
        double seconds = judge(judge, large);
        LoggerFactory.getLogger(JudgeSpeedTest.class)
                .info("{} operations at once took {} s, in {} parts {} s", operations, seconds, LONGER, yardstick);
        assertThat(seconds)
                .as(
                        "seconds for %d operations at once, while as many in %d histories take %s",
                        operations, LONGER, yardstick)
                .isLessThan(most * yardstick);
    }

    private static double judge(Judge judge, History history) {
        // Judges use no thread but that of the caller.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Verdict verdict = judge.judge(history);
        double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
        assertThat(verdict.kind()).as(verdict.toString()).isNotEqualTo(Verdict.Kind.VIOLATION);
        return seconds;
    }
}
