package dev.rollcall.inmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimeTest {
    private final ManualTime time = new ManualTime(Instant.EPOCH);
    private final List<String> ran = new ArrayList<>();

    private void schedule(int millis, String name) {
        time.schedule(Duration.ofMillis(millis), () -> ran.add(name + "@" + time.nanoTime() / 1_000_000));
    }

    @Test
    void dueTasksRunInOrderAtTheirOwnTime() {
        schedule(20, "second");
        schedule(10, "first");
        schedule(20, "third");
        schedule(31, "later");
        time.advance(Duration.ofMillis(30));
        assertThat(ran).containsExactly("first@10", "second@20", "third@20");
        assertThat(time.instant()).isEqualTo(Instant.EPOCH.plusMillis(30));
        assertThat(time.scheduled()).isEqualTo(1);
    }

    @Test
    void whatATaskSchedulesRunsInTheSameAdvance() {
        time.schedule(Duration.ofMillis(10), () -> schedule(10, "chained"));
        time.advance(Duration.ofMillis(25));
        assertThat(ran).containsExactly("chained@20");
    }

    @Test
    void cancelledTaskDoesNotRun() {
        time.schedule(Duration.ofMillis(1), () -> ran.add("cancelled")).close();
        time.advance(Duration.ofMillis(5));
        assertThat(ran).isEmpty();
    }

    @Test
    void timeGoesForwardOnlyAndNotFromWithin() {
        assertThatIllegalArgumentException().isThrownBy(() -> time.advance(Duration.ofMillis(-1)));
        time.schedule(Duration.ZERO, () -> time.advance(Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(() -> time.advance(Duration.ZERO));
    }
}
