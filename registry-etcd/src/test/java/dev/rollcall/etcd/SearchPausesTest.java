package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How soon a member is searched for after another was lost. */
class SearchPausesTest {
    private final SearchPauses pauses = new SearchPauses();

    private void flap() {
        for (int i = 0; i < 100; i++) {
            assertThat(pauses.afterUse(Duration.ofMillis(100)))
                    .isPositive()
                    .isLessThanOrEqualTo(SearchPauses.LONGEST_AFTER_USE);
        }
    }

    @Test
    void connectionThatLastsIsFollowedAtOnceWhateverCameBefore() {
        flap();
        assertThat(pauses.afterUse(SearchPauses.LASTING)).isZero();
        assertThat(pauses.afterUse(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofMillis(25));
    }

    @Test
    void roundsAreNeverMoreThanASecondApart() {
        for (int i = 0; i < 100; i++) {
            assertThat(pauses.afterRound()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(1));
        }
        pauses.found();
        assertThat(pauses.afterRound()).isLessThanOrEqualTo(Duration.ofMillis(25));
    }
}
