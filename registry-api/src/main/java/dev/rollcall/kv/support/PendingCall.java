package dev.rollcall.kv.support;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One operation under way. Its future completes once, on a callback thread, by whichever comes first: the answer, the deadline, or
 * the end of the handle. What comes later has no effect.
 *
 * @param <T> the result
 */
public final class PendingCall<T> {
    /*
     * Concurrency: state decides every race, by compare-and-set: NEW -> SENT -> DONE or NEW -> DONE, and SENT -> NEW
     * where it turned out that what was sent had no effect. Whoever brings it to DONE completes the future. deadline, previous and next belong to PendingCalls and are guarded by its lock.
     */
    private static final int NEW = 0;
    private static final int SENT = 1;
    private static final int DONE = 2;

    private final PendingCalls owner;
    private final Executor callbacks;
    private final Context context;
    private final boolean write;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final AtomicInteger state = new AtomicInteger(NEW);
    private volatile @Nullable FailedAttempt lastAttempt;

    /** Why an attempt had no effect. */
    record FailedAttempt(String reason, @Nullable Throwable cause) {}

    long deadline;

    @Nullable
    PendingCall<?> previous;

    @Nullable
    PendingCall<?> next;

    PendingCall(PendingCalls owner, Executor callbacks, Context context, boolean write) {
        this.owner = owner;
        this.callbacks = callbacks;
        this.context = context;
        this.write = write;
    }

    /** What the caller gets. */
    public CompletableFuture<T> future() {
        return future;
    }

    /** What the operation is, for its failures. */
    public Context context() {
        return context;
    }

    /** Whether the operation has been answered, has failed, or is past its deadline: nobody waits for it any more. */
    public boolean isDone() {
        return state.get() == DONE;
    }

    /**
     * Says that the operation is about to leave for the store, so that from now on nobody may claim that it was not applied.
     *
     * @return false if it is done, in which case it must not be sent: its caller may have been told that it was not applied
     */
    public boolean sent() {
        return state.compareAndSet(NEW, SENT) || state.get() == SENT;
    }

    /**
     * Says that what was sent has had no effect and never will have, so that the operation is as if it had not been sent; it may be sent
     * again. Should its deadline come first, the failure tells {@code reason}.
     *
     * @param reason a clause without a full stop
     */
    public void unsent(String reason, @Nullable Throwable cause) {
        lastAttempt = new FailedAttempt(reason, cause);
        state.compareAndSet(SENT, NEW);
    }

    /** What the last attempt failed with, or null if none has failed. */
    @Nullable
    FailedAttempt lastAttempt() {
        return lastAttempt;
    }

    /**
     * Answers the operation.
     *
     * @return whether the answer counts; if not, nobody will ever learn of {@code result}, and what it holds is the backend's to let go
     */
    public boolean complete(T result) {
        if (finish() == DONE) {
            return false;
        }
        callbacks.execute(() -> future.complete(result));
        return true;
    }

    /** Fails the operation with what the store has decided, or with what is known about its outcome otherwise. */
    public void fail(KvException failure) {
        if (finish() != DONE) {
            callbacks.execute(() -> future.completeExceptionally(failure));
        }
    }

    /** Fails the operation with an exception for its outcome: unknown for a write that was sent, else not applied. */
    public void fail(Function<Outcome, KvException> failure) {
        int was = finish();
        if (was != DONE) {
            Outcome outcome = write && was == SENT ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
            callbacks.execute(() -> {
                Throwable cause;
                try {
                    cause = failure.apply(outcome);
                } catch (RuntimeException | Error e) {
                    // A fault in the backend's wording must not leave the caller waiting.
                    cause = e;
                }
                future.completeExceptionally(cause);
            });
        }
    }

    /** Completes at once in the calling thread; for calls that come after the handle's end and have no thread to leave. */
    void refuse(KvException failure) {
        state.set(DONE);
        future.completeExceptionally(failure);
    }

    private int finish() {
        int was = state.getAndSet(DONE);
        if (was != DONE) {
            owner.remove(this);
        }
        return was;
    }
}
