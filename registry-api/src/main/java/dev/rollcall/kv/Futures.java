package dev.rollcall.kv;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Help with the futures of {@link KvBackend}. */
public final class Futures {
    /** As many waiters as a failure remembers: some are shared by many, and some kept for long. */
    private static final int WAITERS = 8;

    private Futures() {}

    /**
     * Waits for {@code future} and returns its result. What it fails with is thrown itself, from whatever thread it is, with where it was waited
     * for among its suppressed exceptions; a failure that is shared by many remembers the first of them only.
     *
     * @throws KvException if it failed with one
     * @throws InterruptedException if the thread is interrupted while waiting; the operation goes on, so a write's outcome is unknown
     */
    public static <T> T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /**
     * Waits for {@code future}, at most for {@code time}, and returns its result. For futures without a deadline of their own, such as those
     * of a view: the operations of a backend have one.
     *
     * @throws KvException if it failed with one
     * @throws TimeoutException if it is not done by then; it goes on, and this is no {@link KvException} since nothing has failed, so there is
     *     no outcome to tell
     * @throws InterruptedException if the thread is interrupted while waiting; the operation goes on, so a write's outcome is unknown
     */
    public static <T> T await(CompletableFuture<T> future, Duration time)
            throws InterruptedException, TimeoutException {
        try {
            return future.get(TimeUnit.NANOSECONDS.convert(time), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (TimeoutException e) {
            throw new TimeoutException("What was waited for has not come within " + time.toMillis() + " ms.");
        }
    }

    /**
     * What to throw to a waiter. Every waiter gets the same object, since a copy would lose its type, and its own frames, without which a trace from
     * another thread says nothing about the caller, as something suppressed.
     */
    private static RuntimeException failure(ExecutionException e) {
        Throwable cause = unwrap(e);
        if (cause.getSuppressed().length < WAITERS) {
            cause.addSuppressed(new WaitedFor());
        }
        if (cause instanceof RuntimeException failure) {
            return failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("A backend's future failed with a checked exception.", cause);
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

    /** Where a failure was waited for. */
    private static final class WaitedFor extends Exception {
        private static final long serialVersionUID = 1L;

        WaitedFor() {
            super("waited for here, by the thread '" + Thread.currentThread().getName() + "'");
        }
    }
}
