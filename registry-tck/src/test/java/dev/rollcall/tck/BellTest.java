package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BellTest {
    private final Bell bell = new Bell();

    @Test
    void whatIsSeenWhenTheTimeIsOverDoesNotCount() {
        AtomicInteger looks = new AtomicInteger();
        long late = System.nanoTime() + Duration.ofMillis(150).toNanos();
        boolean seen = bell.pass(Duration.ofMillis(50), () -> {
            if (looks.getAndIncrement() == 0) {
                return false;
            }
            while (System.nanoTime() < late) {
                Thread.onSpinWait();
            }
            return true;
        });
        assertThat(seen).isFalse();
        assertThat(bell.isReal()).isTrue();
    }

    @Test
    void timeThatTheMachineTookForItselfIsNoTimeToWait() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);
        AtomicInteger looks = new AtomicInteger();
        AtomicBoolean looked = new AtomicBoolean();
        // Looking takes no time; but whenever it pauses, everything stands still for ten seconds.
        Bell stalled = new Bell(() -> looked.getAndSet(false)
                ? now.get()
                : now.addAndGet(Duration.ofSeconds(10).toNanos()));
        assertThat(stalled.await(Duration.ofSeconds(1), () -> {
                    looked.set(true);
                    return looks.incrementAndGet() == 30;
                }))
                .isTrue();
    }

    @Test
    void waitEndsWhenItsTimeIsOver() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(bell.await(Duration.ofMillis(10), () -> {
                    looks.incrementAndGet();
                    return false;
                }))
                .isFalse();
        assertThat(looks).hasValueGreaterThanOrEqualTo(2);
    }

    @Test
    void whatIsSeenInTimeEndsTheWait() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(bell.pass(Duration.ofMinutes(1), () -> looks.incrementAndGet() == 3))
                .isTrue();
        assertThat(looks).hasValue(3);
    }
}
