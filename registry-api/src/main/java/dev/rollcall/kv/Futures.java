package dev.rollcall.kv;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Help with the futures of {@link KvBackend}. */
public final class Futures {
    private Futures() {}

    /**
     * Waits for {@code future} and returns its result.
     *
     * @throws KvException if it failed with one
     * @throws InterruptedException if the thread is interrupted while waiting; the operation goes on, so a write's outcome is unknown
     */
    public static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = unwrap(e);
            // The same object is thrown by every waiter: a copy would lose its type, and the waiter's own stack is not
            // what went wrong.
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("A backend's future failed with a checked exception.", cause);
        }
    }

    /**
     * A future with the result of {@code function}. Unlike {@link CompletableFuture#thenApply}, it fails with the very exception that
     * {@code future} failed with, not with one wrapped around it.
     */
    public static <T, R> CompletableFuture<R> map(
            CompletableFuture<T> future, Function<? super T, ? extends R> function) {
        CompletableFuture<R> mapped = new CompletableFuture<>();
        future.whenComplete((result, failure) -> {
            if (failure != null) {
                mapped.completeExceptionally(unwrap(failure));
                return;
            }
            try {
                mapped.complete(function.apply(result));
            } catch (Throwable e) {
                mapped.completeExceptionally(e);
            }
        });
        return mapped;
    }

    /** What really failed, below the wrappers that {@link CompletableFuture} puts around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
