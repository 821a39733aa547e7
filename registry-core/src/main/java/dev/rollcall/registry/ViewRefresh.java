package dev.rollcall.registry;

import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lists the kind for {@link NodeView#awaitRevision} when the watch delivers nothing: after a moment, and then less and less often. */
/*
 * Concurrency: everything that changes is guarded by the view's lock.
 */
final class ViewRefresh {
    /** How long a watch may take to bring a revision before the store is asked; a watch that is well is much faster. */
    private static final Duration GRACE = Duration.ofMillis(50);

    /** After so many lists in a row that were of several revisions each, the directory that is followed is listed as a whole. */
    private static final int MOST_TORN_LISTS = 2;

    static final Duration LONGEST_DELAY = Duration.ofSeconds(5);

    private final RegistryContext registryContext;
    private final Object lock;
    private final Awaiters awaiters;
    private final BooleanSupplier ended;
    private final KindReads reads;
    private final BooleanSupplier following;
    private final Consumer<KindReads.Listed> accept;
    private int torn;
    private boolean refreshing;
    private Duration delay = GRACE;
    private int refreshes;
    private @Nullable Subscription timer;

    ViewRefresh(
            RegistryContext registryContext,
            Object lock,
            Awaiters awaiters,
            BooleanSupplier ended,
            KindReads reads,
            BooleanSupplier following,
            Consumer<KindReads.Listed> accept) {
        this.registryContext = registryContext;
        this.lock = lock;
        this.awaiters = awaiters;
        this.ended = ended;
        this.reads = reads;
        this.following = following;
        this.accept = accept;
    }

    /** Resets the pauses, so that a new waiter is not delayed by revisions that were never reached. Called under the lock. */
    void armSoon() {
        if (delay.compareTo(GRACE) > 0) {
            delay = GRACE;
            stop();
        }
        arm();
    }

    /** Called under the lock. */
    void stop() {
        if (timer != null) {
            timer.close();
            timer = null;
        }
    }

    private void arm() {
        if (timer != null || refreshing || ended.getAsBoolean()) {
            return;
        }
        int number = ++refreshes;
        timer = registryContext
                .time()
                .schedule(delay, () -> registryContext.callbacks().execute(() -> refresh(number)));
    }

    private void refresh(int number) {
        boolean whole;
        synchronized (lock) {
            if (number != refreshes) {
                // It was too late to cancel this one, and the one in its place is armed.
                return;
            }
            timer = null;
            awaiters.removeDone();
            if (awaiters.isEmpty() || ended.getAsBoolean()) {
                delay = GRACE;
                return;
            }
            refreshing = true;
            // Where the watch runs, a list that finds nothing new will do; where it does not, only a cut brings the
            // view on.
            whole = torn >= MOST_TORN_LISTS && !following.getAsBoolean();
        }
        reads.list(whole).whenComplete((listed, error) -> {
            if (listed != null) {
                accept.accept(listed);
            }
            synchronized (lock) {
                refreshing = false;
                torn = listed == null || listed.isCut() ? 0 : torn + 1;
                if (awaiters.isEmpty()) {
                    delay = GRACE;
                } else {
                    // The store is away, or was asked for a revision that it has not reached.
                    delay = Durations.min(delay.multipliedBy(2), LONGEST_DELAY);
                    arm();
                }
            }
        });
    }
}
