package dev.rollcall.registry;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/**
 * What a view does when its connection changes: it is stale once the connection is lost, and current again when it has caught up, that is, when it has
 * everything that was written before the connection was back.
 */
/*
 * Concurrency: without state of its own; freshness is written under the lock of the view.
 */
final class CatchUp {
    private final RegistryContext registryContext;
    private final String kind;
    private final Object lock;
    private final Freshness freshness;
    private final BooleanSupplier isFilled;
    private final BooleanSupplier hasEnded;
    private final LongFunction<CompletableFuture<Void>> awaitRevision;

    /**
     * @param lock that of the view
     * @param isFilled whether the view has been filled
     * @param hasEnded whether the view will never follow the store again
     * @param awaitRevision completes when the view has a revision
     */
    CatchUp(
            RegistryContext registryContext,
            String kind,
            Object lock,
            Freshness freshness,
            BooleanSupplier isFilled,
            BooleanSupplier hasEnded,
            LongFunction<CompletableFuture<Void>> awaitRevision) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.lock = lock;
        this.freshness = freshness;
        this.isFilled = isFilled;
        this.hasEnded = hasEnded;
        this.awaitRevision = awaitRevision;
    }

    void connectionChanged(ConnectionStatus status) {
        if (status.state() == ConnectionState.CONNECTED) {
            Freshness.Stale behind = freshness.stale();
            if (behind != null && isFilled.getAsBoolean()) {
                catchUp(behind);
            }
            return;
        }
        synchronized (lock) {
            // A catch-up that is under way was begun before this outage, and says nothing about what it hides.
            freshness.connectionLost(status);
        }
    }

    /** The connection is back, but the watch may not be: the view must have the store's present revision before it is called current. */
    private void catchUp(Freshness.Stale behind) {
        if (!behind.equals(freshness.stale())) {
            // Another outage has come since, and with its end another catch-up.
            return;
        }
        registryContext.backend().get(registryContext.keys().probe(kind)).whenComplete((probe, error) -> {
            if (probe == null) {
                if (registryContext.backend().connection().state() == ConnectionState.CONNECTED
                        && !hasEnded.getAsBoolean()) {
                    registryContext
                            .time()
                            .schedule(
                                    ViewRefresh.LONGEST_DELAY,
                                    () -> registryContext.callbacks().execute(() -> catchUp(behind)));
                }
                return;
            }
            awaitRevision.apply(probe.revision()).thenRun(() -> {
                synchronized (lock) {
                    if (!hasEnded.getAsBoolean()) {
                        freshness.caughtUp(behind);
                    }
                }
            });
        });
    }
}
