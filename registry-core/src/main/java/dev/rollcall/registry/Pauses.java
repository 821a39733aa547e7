package dev.rollcall.registry;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.SerialLane;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The pauses of a registration before a retry: longer with each retry that follows soon, and short again after a calm time. Confined to its lane. */
final class Pauses {
    private final RegistryContext registryContext;
    private final SerialLane lane;
    private final Duration longest;
    private final Backoff backoff;
    private final Runnable then;
    private @Nullable Subscription pause;
    private boolean troubled;
    private long calmSince;

    /** @param then is called on the lane after each pause */
    Pauses(RegistryContext registryContext, SerialLane lane, RegistrationOptions options, Runnable then) {
        this.registryContext = registryContext;
        this.lane = lane;
        this.longest = options.longestPause();
        this.then = then;
        SplittableRandom random =
                options.seed().isPresent() ? new SplittableRandom(options.seed().getAsLong()) : new SplittableRandom();
        this.backoff = new Backoff(options.firstPause(), longest, random);
        this.calmSince = registryContext.time().nanoTime();
    }

    /** All is as it shall be. */
    void wentWell() {
        calmSince = registryContext.time().nanoTime();
        troubled = false;
    }

    /** Whether there was a pause since all was well. */
    boolean isTroubled() {
        return troubled;
    }

    boolean isRunning() {
        return pause != null;
    }

    /** Begins a pause, unless there is one. */
    void begin() {
        if (pause != null) {
            return;
        }
        if (!troubled) {
            troubled = true;
            Duration calm = Duration.ofNanos(registryContext.time().nanoTime() - calmSince);
            if (calm.compareTo(longest) > 0) {
                backoff.reset();
            }
        }
        pause = registryContext
                .time()
                .schedule(
                        backoff.next(),
                        () -> lane.execute(() -> {
                            pause = null;
                            then.run();
                        }));
    }

    /** Ends the pause without what would follow it. */
    void end() {
        if (pause != null) {
            pause.close();
            pause = null;
        }
    }

    /** The next pause is short again. */
    void reset() {
        backoff.reset();
    }
}
