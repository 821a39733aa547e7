package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.history.ModelStore.Fault;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Bounds on the processor's time, which a busy machine does not lengthen much; the measured times are logged. */
class JudgeSpeedTest {
    private static final Directory DIR = Directory.of("/speed");

    @Test
    void orderOfFiveClientsOnOneKey() {
        History history = SimulatedStore.history(5, 1, 5, 1000, true);
        Judge judge = LinearizabilityJudge.perKey(Duration.ofMinutes(2));
        assertThat(seconds("an order of 1000 operations on one key", judge, history))
                .isLessThan(5);
    }

    @Test
    void replayOfAHundredThousandOperations() throws InterruptedException {
        WorkloadOptions options =
                WorkloadOptions.of(3).sized(12, 5, 20_000).lasting(Duration.ofMinutes(5), Duration.ofMinutes(1));
        KvBackend handle = new ModelStore(Fault.NONE).open();
        History history = Workload.REGISTERS.run(List.of(handle), DIR, options);
        assertThat(history.operations()).hasSizeGreaterThan(100_000);
        assertThat(seconds("a replay of 100000 operations", new ReplayJudge(), history))
                .isLessThan(20);
    }

    private static double seconds(String what, Judge judge, History history) {
        // Judges use no thread but that of the caller.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Verdict verdict = judge.judge(history);
        double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
        LoggerFactory.getLogger(JudgeSpeedTest.class).info("{} took {} s", what, seconds);
        assertThat(verdict.toString()).startsWith("OK");
        return seconds;
    }
}
