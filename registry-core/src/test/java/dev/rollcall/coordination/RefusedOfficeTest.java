package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener that throws whenever it is elected: the office is tried again, ever more rarely, by a clock that the test moves. */
class RefusedOfficeTest extends CoordinationFixture {
    private static final Duration STEP = Duration.ofMillis(500);

    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean takes;

    private final CandidateListener refusing = new CandidateListener() {
        @Override
        public void onElected(FencingToken token) {
            calls.incrementAndGet();
            if (!takes) {
                throw new IllegalStateException("cannot lead");
            }
        }

        @Override
        public void onLost(FencingToken token, String reason) {}
    };

    @Test
    @Timeout(600)
    void refusedOfficesArePausedForLongerAndLonger() {
        Candidacy candidacy = election(store.open()).join("a", refusing);
        Duration elapsed = Duration.ZERO;
        // What the threads do between two steps only makes the time longer that the calls take.
        while (calls.get() < 50) {
            store.advance(STEP);
            elapsed = elapsed.plus(STEP);
            pause();
        }
        // 43 of them after pauses of five seconds on average.
        assertThat(elapsed).isGreaterThan(Duration.ofSeconds(60));
        takes = true;
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        eventually(() -> assertThat(candidacy.lastFailure()).isEmpty());
    }

    /** Lets the threads do what is due, without which the test would only take longer. */
    private static void pause() {
        Awaitility.await().pollDelay(Duration.ofMillis(2)).until(() -> true);
    }
}
