package dev.rollcall.inmemory;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.PendingCall;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An operation on its way to the store. Guarded by the link's lock.
 *
 * @param <T> the result
 */
final class Request<T> {
    final PendingCall<T> call;
    /** Whether this is a transaction, at which one-time faults of writes are aimed. */
    final boolean transaction;

    private final Supplier<T> effect;

    @Nullable
    OneTimeFault fault;

    /** {@code effect} does what the operation does, and throws a {@link KvException} if the store decides against it. */
    Request(PendingCall<T> call, boolean transaction, Supplier<T> effect) {
        this.call = call;
        this.transaction = transaction;
        this.effect = effect;
    }

    /** Takes effect, and returns what gives the caller the answer. */
    Runnable perform() {
        try {
            T result = effect.get();
            return () -> call.complete(result);
        } catch (KvException e) {
            return () -> call.fail(e);
        }
    }
}
