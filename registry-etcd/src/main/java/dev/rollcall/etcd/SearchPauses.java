package dev.rollcall.etcd;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before members are searched for again. Each pause is drawn from the upper half of its length, so that handles do not come all at once. */
final class SearchPauses {
    /** A connection that was used for so long has lasted, whatever came before it. */
    static final Duration LASTING = Duration.ofSeconds(2);
    /** After a connection that has not lasted: leases of a second or two have to survive several in a row. */
    static final Duration LONGEST_AFTER_USE = Duration.ofMillis(250);

    private static final long FIRST_MILLIS = 25;
    private static final long LONGEST_MILLIS = 1_000;

    private long afterRoundMillis = FIRST_MILLIS;
    private long afterUseMillis = FIRST_MILLIS;

    /** After a round in which no member could be used: about a fifth of the outage so far, so that short leases survive short outages. */
    Duration afterRound() {
        long pause = afterRoundMillis;
        afterRoundMillis = Math.min(LONGEST_MILLIS, longer(pause));
        return jittered(pause);
    }

    /** A member can be used. */
    void found() {
        afterRoundMillis = FIRST_MILLIS;
    }

    /** After a connection that was used for {@code use}: none if it has lasted, and longer with each that has not. */
    Duration afterUse(Duration use) {
        if (use.compareTo(LASTING) >= 0) {
            afterUseMillis = FIRST_MILLIS;
            return Duration.ZERO;
        }
        long pause = afterUseMillis;
        afterUseMillis = Math.min(LONGEST_AFTER_USE.toMillis(), longer(pause));
        return jittered(pause);
    }

    private static long longer(long pauseMillis) {
        return pauseMillis + pauseMillis / 4;
    }

    private static Duration jittered(long pauseMillis) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1));
    }
}
