package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @ValueSource(strings = {"PT0.000000001S", "PT5S", "P365D"})
    void settingMayBe(Duration value) {
        assertThat(Durations.isAllowed(value)).isTrue();
        assertThatCode(() -> Durations.check("pause", value)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "P365DT0.000000001S", "PT2562047788015215H"})
    void settingMayNotBe(Duration value) {
        assertThat(Durations.isAllowed(value)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.check("pause", value))
                .withMessageStartingWith("The pause must ")
                .withMessageEndingWith(", but it is " + value + ".");
    }

    @Test
    void shorterAndLongerAreTold() {
        Duration brief = Duration.ofNanos(1);
        Duration extended = Duration.ofDays(400);
        assertThat(Durations.min(brief, extended))
                .isEqualTo(Durations.min(extended, brief))
                .isEqualTo(brief);
        assertThat(Durations.max(brief, extended))
                .isEqualTo(Durations.max(extended, brief))
                .isEqualTo(extended);
    }
}
