package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseTimeTest {
    @ParameterizedTest
    @CsvSource({
        "1000, 1000",
        "1001, 1250",
        "4000, 4000",
        "7000, 8000",
        "10000, 10000",
        "12000, 12500",
        "3600000, 3600000"
    })
    void ttlIsRaisedToItsStep(long wanted, long step) {
        assertThat(LeaseTime.step(Duration.ofMillis(wanted))).isEqualTo(Duration.ofMillis(step));
        assertThat(LeaseTime.step(Duration.ofMillis(wanted).minusNanos(1)))
                .isLessThanOrEqualTo(Duration.ofMillis(step));
    }

    @Test
    void stepsAreFewAndNoneIsMoreThanAThirdLonger() {
        long steps = LongStream.rangeClosed(1_000, 3_600_000)
                .map(millis -> {
                    long step = LeaseTime.step(Duration.ofMillis(millis)).toMillis();
                    assertThat(step).isBetween(millis, millis + millis / 3);
                    return step;
                })
                .distinct()
                .count();
        assertThat(steps).isLessThan(40);
    }
}
