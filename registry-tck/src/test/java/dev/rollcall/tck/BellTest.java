package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
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
    void whatIsSeenInTimeEndsTheWait() {
        AtomicInteger looks = new AtomicInteger();
        assertThat(bell.pass(Duration.ofMinutes(1), () -> looks.incrementAndGet() == 3))
                .isTrue();
        assertThat(looks).hasValue(3);
    }
}
