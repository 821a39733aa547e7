package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseTermTest {
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration HELD = Duration.ofSeconds(9);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final ManualClock clock = new ManualClock();
    private final long granted = clock.nanoTime();
    private final LeaseTerm term = LeaseTerm.of(clock, granted, LeaseTerm.lessMargin(TTL));

    @Test
    void isHeldForTheTtlLessATenthFromWhenTheRequestLeft() {
        clock.advance(HELD.minus(MOMENT));
        assertThat(term.left()).isEqualTo(MOMENT);
        assertThat(term.isHeld()).isTrue();

        clock.advance(MOMENT);

        assertThat(term.isHeld()).isFalse();
        assertThat(term.left()).isZero();
    }

    @Test
    void replyThatComesLateGivesNoMoreThanItsRequestAskedFor() {
        long sentAt = clock.nanoTime();
        clock.advance(Duration.ofSeconds(8));

        assertThat(term.extend(sentAt, HELD)).isTrue();

        assertThat(term.left()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void renewalCountsFromWhenItLeft() {
        clock.advance(Duration.ofSeconds(3));
        long sentAt = clock.nanoTime();
        clock.advance(Duration.ofSeconds(5));

        assertThat(term.extend(sentAt, HELD)).isTrue();

        assertThat(term.left()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void repliesInAnotherOrderTakeNothingAway() {
        long first = clock.nanoTime();
        clock.advance(Duration.ofSeconds(2));
        term.extend(clock.nanoTime(), HELD);

        assertThat(term.extend(first, HELD)).isTrue();

        assertThat(term.left()).isEqualTo(HELD);
    }

    @Test
    void renewalOfALeaseThatIsNotHeldHasNoEffect() {
        clock.advance(HELD);

        assertThat(term.extend(clock.nanoTime(), HELD)).isFalse();

        assertThat(term.isHeld()).isFalse();
    }

    /** Also where nobody has looked meanwhile, so that nobody knows that it had ended. */
    @Test
    void renewalWhoseWholeTermIsOverIsTooLate() {
        clock.advance(Duration.ofSeconds(8));

        assertThat(term.extend(granted - HELD.toNanos(), HELD)).isTrue();
        clock.advance(Duration.ofSeconds(1));

        assertThat(term.extend(granted, HELD.plusSeconds(5))).isFalse();
    }

    @Test
    void limitShortensAndNeverLengthens() {
        term.limit(clock.nanoTime(), Duration.ofSeconds(2));
        term.limit(clock.nanoTime(), Duration.ofSeconds(5));
        assertThat(term.left()).isEqualTo(Duration.ofSeconds(2));

        term.limit(clock.nanoTime() - TTL.toNanos(), Duration.ofSeconds(5));

        assertThat(term.left()).isZero();
        assertThat(term.isHeld()).isFalse();
        assertThat(term.extend(clock.nanoTime(), HELD)).isFalse();
    }

    @Test
    void endIsForGood() {
        term.end();

        assertThat(term.isHeld()).isFalse();
        assertThat(term.left()).isZero();
        term.limit(clock.nanoTime(), HELD);
        assertThat(term.extend(clock.nanoTime(), HELD)).isFalse();
        assertThat(term.isHeld()).isFalse();
    }
}
