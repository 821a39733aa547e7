package dev.rollcall.registry;

import dev.rollcall.kv.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The operation on the store that a registration waits for, one at a time. Confined to the registration's lane, on which results are taken. */
final class PendingOperation {
    private final Executor lane;
    private boolean running;
    private boolean ended;

    PendingOperation(Executor lane) {
        this.lane = lane;
    }

    boolean isRunning() {
        return running;
    }

    /** Waits for {@code operation}, then passes on its result or its failure, unless {@link #end} was called before. */
    <R> void start(CompletableFuture<R> operation, BiConsumer<@Nullable R, @Nullable Throwable> then) {
        running = true;
        operation.whenComplete((result, failure) -> lane.execute(() -> {
            running = false;
            if (!ended) {
                then.accept(result, failure == null ? null : Futures.unwrap(failure));
            }
        }));
    }

    /** No result is passed on any more. */
    void end() {
        ended = true;
    }
}
