package dev.rollcall.micrometer;

import dev.rollcall.kv.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * What the caller gets for a backend's future. A future runs what was attached to it last first, so on the backend's own a measurement would wait for all that the
 * caller attaches; here the caller attaches to another one, which is completed once it was measured: by the same thread, with the same result or the very
 * exception, and also if measuring fails. Giving it up gives up the backend's.
 */
final class MeasuredFuture<T> extends CompletableFuture<T> {
    private final CompletableFuture<T> real;

    MeasuredFuture(CompletableFuture<T> real) {
        this.real = real;
    }

    /** Called once, before the caller has it. */
    void follow(BiConsumer<T, Throwable> measure) {
        real.whenComplete((result, failure) -> {
            try {
                measure.accept(result, failure);
            } finally {
                if (failure == null) {
                    complete(result);
                } else {
                    completeExceptionally(Futures.unwrap(failure));
                }
            }
        });
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        real.cancel(mayInterruptIfRunning);
        return super.cancel(mayInterruptIfRunning);
    }

    /** What is attached needs no measuring. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
