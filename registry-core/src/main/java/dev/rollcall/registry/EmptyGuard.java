package dev.rollcall.registry;

import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides which cut a view shows: the newest, or for a bounded time the last one with nodes alive. */
/*
 * Concurrency: guarded by the lock of its view, but since, which is written under it and read by anyone.
 */
final class EmptyGuard<T> {
    private static final Logger LOG = LoggerFactory.getLogger(NodeView.class);

    private final RegistryContext registryContext;
    private final String kind;
    private final @Nullable Duration atMost;
    private final Runnable onOver;
    private @Nullable Subscription timer;
    private long until;
    private volatile @Nullable Instant since;

    /** {@code atMost} is null for no protection; {@code onOver} is called, on a thread for callbacks, when it has lasted for that long. */
    EmptyGuard(RegistryContext registryContext, String kind, @Nullable Duration atMost, Runnable onOver) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.atMost = atMost;
        this.onOver = onOver;
    }

    @Nullable
    Instant since() {
        return since;
    }

    NodeSet<T> choose(NodeSet<T> shown, NodeSet<T> latest) {
        Duration limit = atMost;
        if (limit == null || shown.alive() == 0 || latest.alive() > 0) {
            end();
            return latest;
        }
        long now = registryContext.time().nanoTime();
        if (since == null) {
            since = registryContext.time().instant();
            until = now + limit.toNanos();
            timer = registryContext
                    .time()
                    .schedule(limit, () -> registryContext.callbacks().execute(onOver));
            LOG.warn(
                    "No node of '{}' is alive any more, and {} were; the view keeps showing those for at most {}.",
                    Printable.line(kind),
                    shown.alive(),
                    limit);
            return shown;
        }
        if (now - until < 0) {
            return shown;
        }
        LOG.warn("Still no node of '{}' is alive after {}; the view shows that now.", Printable.line(kind), limit);
        end();
        return latest;
    }

    private void end() {
        since = null;
        stop();
    }

    /** What is shown stays, and so does what is said about it. */
    void stop() {
        if (timer != null) {
            timer.close();
            timer = null;
        }
    }
}
