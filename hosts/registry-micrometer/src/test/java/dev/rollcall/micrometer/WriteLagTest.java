package dev.rollcall.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WriteLagTest {
    private final MockClock clock = new MockClock();
    private final Timer timer = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock).timer("lag");
    private final WriteLag lag = new WriteLag(timer, clock);

    @Test
    void firstWatchThatBringsAWriteCounts() {
        lag.acknowledged(7);
        clock.add(Duration.ofMillis(3));
        lag.brought(7);
        clock.add(Duration.ofMillis(3));
        lag.brought(7);
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3);
    }

    @Test
    void writeThatWasBroughtBeforeItsAnswerHasNoLag() {
        lag.brought(7);
        clock.add(Duration.ofMillis(3));
        lag.acknowledged(7);
        lag.brought(7);
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isZero();
    }

    @Test
    void watchThatBeginsInThePastHasNoLag() {
        lag.acknowledged(7);
        clock.add(Duration.ofMinutes(10));
        lag.brought(7);
        assertThat(timer.count()).isZero();
    }

    @Test
    void writesOfOthersHaveNone() {
        lag.brought(7);
        lag.brought(7);
        assertThat(timer.count()).isZero();
    }
}
