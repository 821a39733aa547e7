package dev.rollcall.zookeeper;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a member may be silent before another one is tried. */
class SilenceGuardTest {
    private static @Nullable Duration forLeases(long ttlMillis, int members, long slowestMillis) {
        return forLeases(ttlMillis, members, slowestMillis, 0);
    }

    private static @Nullable Duration forLeases(long ttlMillis, int members, long slowestMillis, int doublings) {
        Duration session = Duration.ofMillis(LeaseTime.sessionMillis(Duration.ofMillis(ttlMillis)));
        return SilenceGuard.forLeases(session, members, Duration.ofMillis(slowestMillis), doublings);
    }

    /** The rest of the ttl is for another connection and a heartbeat on it. */
    @ParameterizedTest
    @CsvSource({
        "4000, 3, 0, 1000",
        "6000, 3, 2000, 2000",
        "6000, 1, 0, 2000",
        "12000, 3, 0, 1000",
        "12000, 3, 500, 2000",
        "12000, 3, 60000, 4000"
    })
    void leaseIsTakenElsewhereBeforeAThirdOfItsTtlIsGone(long ttl, int members, long slowest, long expected) {
        assertThat(forLeases(ttl, members, slowest))
                .isEqualTo(Duration.ofMillis(expected))
                .isLessThanOrEqualTo(Duration.ofMillis(ttl / 3));
    }

    /** One that follows others soon: the client waits for up to a second before it connects, and there is a heartbeat to be confirmed. */
    @ParameterizedTest
    @ValueSource(longs = {4_000, 5_000, 6_000, 8_000, 12_500, 60_000})
    void howeverManyMembersWereSilentALeaseKeepsTimeForAnotherConnection(long ttl) {
        for (int doublings = 0; doublings <= 8; doublings++) {
            Duration wait = requireNonNull(forLeases(ttl, 3, 60_000, doublings));
            long sinceConfirmed = ttl / LeaseTime.BEATS + wait.toMillis();
            assertThat(ttl - sinceConfirmed)
                    .as("what is left of the ttl after %s doublings", doublings)
                    .isGreaterThanOrEqualTo(1_500);
        }
        assertThat(requireNonNull(forLeases(ttl, 3, 0, 8)).toMillis()).isGreaterThan(ttl / 3);
    }

    @Test
    void connectionOfAShortLeaseIsLeftToTheClient() {
        assertThat(forLeases(3_000, 3, 0)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"9000, 3, 0, 700", "9000, 3, 500, 2000", "9000, 3, 60000, 3000", "12000, 1, 0, 4000", "4000, 1, 0, 3000"
    })
    void operationsGoElsewhereSoonIfThereIsAnotherMember(long session, int members, long slowest, long expected) {
        assertThat(SilenceGuard.forOperations(Duration.ofMillis(session), members, Duration.ofMillis(slowest), 0))
                .isEqualTo(Duration.ofMillis(expected));
    }
}
