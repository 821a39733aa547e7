package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LivenessTest {
    @ParameterizedTest
    @CsvSource({
        // claimed, leased, record, mark, says: alive, reason
        "true, false, 5, 5, false, true, CLAIMED",
        "true, true, 5, 0, false, true, CLAIMED",
        "true, false, 5, 4, false, true, CLAIMED",
        "false, true, 5, 5, false, true, LEASED",
        "false, true, 5, 0, false, true, LEASED",
        "false, false, 5, 5, true, false, OWNER_GONE",
        "false, false, 5, 4, true, true, WRITTEN_SINCE",
        "false, false, 5, 4, false, false, WRITTEN_SINCE",
        "false, false, 5, 0, true, true, UNCLAIMED",
        "false, false, 5, 0, false, false, UNCLAIMED"
    })
    void tableOfWhoIsAlive(
            boolean claimed,
            boolean leased,
            long record,
            long mark,
            boolean says,
            boolean alive,
            Liveness.Reason reason) {
        Liveness liveness = Liveness.of(claimed, leased, record, mark, says);
        assertThat(liveness).isEqualTo(new Liveness(alive, reason));
        assertThat(liveness.why()).isNotBlank().doesNotEndWith(".");
    }
}
