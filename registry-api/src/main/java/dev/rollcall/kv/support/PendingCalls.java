package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a handle that are under way: each ends at its deadline at the latest, and all end with the handle.
 *
 * <p>All have the same timeout, so their order of arrival is the order of their deadlines: beginning and ending one costs a few pointers
 * in a list, and a single timer, set for the oldest, serves all.
 */
public final class PendingCalls implements AutoCloseable {
    /*
     * Concurrency: lock guards the list (first, last and the links of every call in it), timer and closed. Calls are
     * failed after it is released, since that reaches for their owner again, and for the executor.
     */
    private final Executor callbacks;
    private final TimeSource time;
    private final Duration timeout;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable PendingCall<?> first;
    private @Nullable PendingCall<?> last;
    private @Nullable Subscription timer;
    private boolean closed;

    /**
     * No operations yet; each will have {@code timeout} from its beginning, measured by {@code time}.
     *
     * @throws IllegalArgumentException if {@code timeout} is not positive, or longer than 365 days
     */
    public PendingCalls(Duration timeout, TimeSource time, Executor callbacks) {
        if (!Durations.isAllowed(timeout)) {
            throw new IllegalArgumentException(
                    "The timeout of operations must be positive and at most 365 days, but it is " + timeout + ".");
        }
        this.timeout = timeout;
        this.time = requireNonNull(time, "time");
        this.callbacks = requireNonNull(callbacks, "callbacks");
    }

    /** Begins an operation; it has failed already if this is closed. */
    public <T> PendingCall<T> begin(Context context, boolean write) {
        PendingCall<T> call = new PendingCall<>(this, callbacks, context, write);
        lock.lock();
        try {
            if (!closed) {
                append(call);
                return call;
            }
        } finally {
            lock.unlock();
        }
        call.refuse(new BackendClosedException(context, Outcome.NOT_APPLIED));
        return call;
    }

    /** The number of operations under way. */
    public int size() {
        lock.lock();
        try {
            int count = 0;
            for (PendingCall<?> call = first; call != null; call = call.next) {
                count++;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Fails every operation under way with {@link BackendClosedException}, and every later one. Has no effect when called again. */
    @Override
    public void close() {
        List<PendingCall<?>> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            for (PendingCall<?> call = first; call != null; call = call.next) {
                all.add(call);
            }
            if (timer != null) {
                timer.close();
                timer = null;
            }
        } finally {
            lock.unlock();
        }
        for (PendingCall<?> call : all) {
            call.fail(outcome -> new BackendClosedException(call.context(), outcome));
        }
    }

    private void append(PendingCall<?> call) {
        // Read under the lock: the list is in the order of deadlines only if the clock is.
        call.deadline = time.nanoTime() + timeout.toNanos();
        call.previous = last;
        if (last == null) {
            first = call;
        } else {
            last.next = call;
        }
        last = call;
        if (timer == null) {
            timer = time.schedule(timeout, this::sweep);
        }
    }

    /** Takes a call that is done out of the list. */
    void remove(PendingCall<?> call) {
        lock.lock();
        try {
            PendingCall<?> before = call.previous;
            PendingCall<?> after = call.next;
            if (before == null && first != call) {
                return;
            }
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            call.previous = null;
            call.next = null;
        } finally {
            lock.unlock();
        }
    }

    /** Runs on the timer when the oldest call of a while ago is due: fails what is, and sets the timer for the next. */
    private void sweep() {
        List<PendingCall<?>> due = new ArrayList<>();
        lock.lock();
        try {
            timer = null;
            if (closed) {
                return;
            }
            long now = time.nanoTime();
            PendingCall<?> call = first;
            while (call != null && call.deadline - now <= 0) {
                due.add(call);
                call = call.next;
            }
            if (call != null) {
                timer = time.schedule(Duration.ofNanos(call.deadline - now), this::sweep);
            }
        } finally {
            lock.unlock();
        }
        for (PendingCall<?> call : due) {
            call.fail(outcome -> overdue(call, outcome));
        }
    }

    private DeadlineExceededException overdue(PendingCall<?> call, Outcome outcome) {
        PendingCall.FailedAttempt last = call.lastAttempt();
        String what =
                outcome == Outcome.UNKNOWN ? "and it was sent, so it may still be applied" : "and it was not applied";
        return new DeadlineExceededException(
                call.context(),
                outcome,
                timeout,
                last == null ? what : what + "; the attempt before failed: " + last.reason(),
                last == null ? null : last.cause());
    }
}
