package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrationOptionsTest {
    private static final Duration LONGEST = Duration.ofDays(365);

    private final RegistrationOptions options = RegistrationOptions.of(RegistrationMode.EPHEMERAL);

    @ParameterizedTest
    @ValueSource(strings = {"PT999999999H", "PT8760H0.000000001S", "PT2562047788015215H30M7.999999999S"})
    void durationsBeyondAYearAreRefused(String text) {
        Duration value = Duration.parse(text);
        String rule = " must not be longer than 365 days, but it is " + value + ".";
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> options.withTtl(value))
                .withMessage("The ttl" + rule);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> options.withPauses(value, value))
                .withMessage("The first pause" + rule);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> options.withPauses(Duration.ofMillis(1), value))
                .withMessage("The longest pause" + rule);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Durations.check("request timeout", value))
                .withMessage("The request timeout" + rule);
    }

    @Test
    void aYearIsTaken() {
        assertThat(options.withTtl(LONGEST).withPauses(LONGEST, LONGEST).ttl()).isEqualTo(LONGEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void durationsThatAreNotPositiveAreRefused(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> options.withTtl(Duration.parse(text)))
                .withMessage("The ttl must be positive, but it is " + text + ".");
    }
}
