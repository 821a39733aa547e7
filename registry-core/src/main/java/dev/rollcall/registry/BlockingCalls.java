package dev.rollcall.registry;

import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The calls to a registry that block: all steps of one together wait no longer than its timeout. */
final class BlockingCalls {
    private final TimeSource time;
    private final Duration timeout;

    BlockingCalls(TimeSource time, Duration timeout) {
        this.time = time;
        this.timeout = timeout;
    }

    /** Begins a call. */
    Call begin(KvException.Context context) {
        return new Call(context, time.nanoTime() + timeout.toNanos());
    }

    /** One call; confined to its caller's thread. */
    final class Call {
        private final KvException.Context context;
        private final long deadline;

        private Call(KvException.Context context, long deadline) {
            this.context = context;
            this.deadline = deadline;
        }

        KvException.Context context() {
            return context;
        }

        /** Fails if the deadline has passed, with nothing in flight. */
        void checkDeadline() {
            checkLeft(Duration.ZERO, "since others kept changing the record");
        }

        /** Fails, with nothing in flight, unless more than {@code needed} is left. */
        void checkLeft(Duration needed, String detail) {
            if (deadline - time.nanoTime() <= needed.toNanos()) {
                throw late(Outcome.NOT_APPLIED, detail);
            }
        }

        TimeSource time() {
            return time;
        }

        <R> R read(CompletableFuture<R> answer) throws InterruptedException {
            return await(answer, Outcome.NOT_APPLIED);
        }

        <R> R write(CompletableFuture<R> answer) throws InterruptedException {
            return await(answer, Outcome.UNKNOWN);
        }

        private <R> R await(CompletableFuture<R> answer, Outcome ifLate) throws InterruptedException {
            if (answer.isDone()) {
                return Futures.await(answer);
            }
            CompletableFuture<Boolean> waiter = new CompletableFuture<>();
            answer.whenComplete((result, failure) -> waiter.complete(true));
            Duration left = Duration.ofNanos(Math.max(0, deadline - time.nanoTime()));
            Subscription timer = time.schedule(left, () -> waiter.complete(false));
            try {
                if (Futures.await(waiter)) {
                    return Futures.await(answer);
                }
            } finally {
                timer.close();
            }
            // On the caller's thread, so that its frames are in the trace.
            throw late(ifLate, "waiting for the store");
        }

        private DeadlineExceededException late(Outcome outcome, String detail) {
            return new DeadlineExceededException(context, outcome, timeout, detail, null);
        }
    }
}
