package dev.rollcall.tck.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FairClockTest {
    @Test
    void whatNeverEndsIsLateAndWhatHasFailedHasEnded() {
        assertThat(FairClock.endsInTime(new CompletableFuture<>(), Duration.ofMillis(1)))
                .isFalse();
        assertThat(FairClock.endsInTime(
                        CompletableFuture.failedFuture(new IllegalStateException("on purpose")), Duration.ZERO))
                .isTrue();
    }

    /** It can run for as long as its share of a processor, which is never more than the time on the wall. */
    @Test
    void clockGoesButNeverFasterThanTheOneOnTheWall() {
        long begun = System.nanoTime();
        try (FairClock clock = FairClock.start()) {
            Duration elapsed = Duration.ZERO;
            // Ends as soon as the clock has had its share of a processor, which it always gets.
            while (elapsed.compareTo(Duration.ofMillis(50)) < 0) {
                elapsed = clock.elapsed();
            }
            assertThat(elapsed).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
        }
    }

    @Test
    void clockStopsWhenItIsClosed() {
        FairClock clock = FairClock.start();
        clock.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("kit-fair-clock"));
    }
}
