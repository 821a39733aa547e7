package dev.rollcall.tck;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long the kit waits: for an event that must come, for one that must not, and for a whole test. After several waits in a row that timed out, a backend
 * gets hardly any time, so that one that never replies is judged in seconds.
 */
final class Budgets {
    private static final int PATIENCE = 3;

    private final Duration await;
    private final Duration quiet;
    private final Duration test;
    private final boolean patient;
    private final AtomicInteger inVain = new AtomicInteger();
    private final KitSettings settings;

    /** {@code patient} budgets stay as they are, however often a wait of the kit times out. */
    Budgets(KitSettings settings, Duration deadline, boolean patient) {
        this.patient = patient;
        this.settings = settings;
        await = scaled(deadline.plusSeconds(3), settings);
        // Haste is for what comes as a rule; too short a look at what must not come would see nothing.
        quiet = scaled(Duration.ofMillis(60), settings.withTimeScale(Math.max(1, settings.timeScale())));
        test = scaled(deadline.multipliedBy(4).plusSeconds(60), settings);
    }

    private static Duration scaled(Duration duration, KitSettings settings) {
        return Duration.ofNanos((long) (duration.toNanos() * settings.timeScale()));
    }

    /** A limit that the contract names, stretched for a slow machine but never shortened for a quick one. */
    Duration scaled(Duration limit) {
        return settings.timeScale() > 1 ? scaled(limit, settings) : limit;
    }

    private boolean spent() {
        return !patient && inVain.get() >= PATIENCE;
    }

    /** For something that must come. */
    Duration await() {
        return spent() ? await.dividedBy(25) : await;
    }

    /** For something that must not come and that no event can fence off. */
    Duration quiet() {
        return quiet;
    }

    /** For a test from its start to the last of its cleaning up. */
    Duration test() {
        return spent() ? test.dividedBy(10) : test;
    }

    void testEnded(boolean timedOut) {
        if (timedOut) {
            inVain.incrementAndGet();
        } else {
            // Once known to be mute, a backend does not earn its patience back by one quick answer.
            inVain.updateAndGet(count -> count >= PATIENCE ? count : 0);
        }
    }
}
