package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * One call of a client and its result.
 *
 * @param id names the operation within its history
 * @param client the handle that was called; it may have several calls in flight, which are then concurrent like those of different
 *     clients
 * @param call what was asked for
 * @param called when, drawn before the call was made
 * @param returned when the answer came, drawn after it had come; null while none has
 * @param result the answer
 */
public record Operation(
        int id,
        String client,
        Call call,
        Moment called,
        @Nullable Moment returned,
        Result result) {
    public Operation {
        requireNonNull(client, "client");
        requireNonNull(call, "call");
        requireNonNull(called, "called");
        requireNonNull(result, "result");
        if (returned != null && !called.isBefore(returned)) {
            throw new IllegalArgumentException("The operation #" + id + " returned before it was called.");
        }
        if (returned == null && !(result instanceof Result.Pending)) {
            throw new IllegalArgumentException("The operation #" + id + " has a result but did not return.");
        }
    }

    /** Whether nobody knows if this took effect; it may do so at any time after its call, once or never. */
    public boolean isInDoubt() {
        return result instanceof Result.Unknown || result instanceof Result.Pending;
    }

    /** Whether this is a write that is known to have had no effect. */
    boolean isFailed() {
        return result instanceof Result.NotApplied || result instanceof Result.ConditionFailed;
    }

    /** The order of the moment by which it must have taken effect; infinite for what is in doubt. */
    long deadline() {
        return returned == null || isInDoubt() ? Long.MAX_VALUE : returned.order();
    }

    /** Whether this was over before {@code other} began. */
    boolean precedes(Operation other) {
        return deadline() < other.called.order();
    }

    Operation withResult(Result other) {
        return new Operation(id, client, call, called, other instanceof Result.Pending ? null : returned, other);
    }

    @Override
    public String toString() {
        return "#" + id + " " + client + ": " + call + " -> " + result;
    }
}
