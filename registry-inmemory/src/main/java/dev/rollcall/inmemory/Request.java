package dev.rollcall.inmemory;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.PendingCall;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An operation on its way to the store. Guarded by the connection's lock.
 *
 * @param <T> the result
 */
final class Request<T> {
    final PendingCall<T> call;
    /** Whether this is a transaction, at which one-time faults of writes are aimed. */
    final boolean transaction;

    private final Supplier<T> effect;
    private final Consumer<T> unclaimed;
    private @Nullable Runnable letGo;

    @Nullable
    OneTimeFault fault;

    /**
     * {@code effect} does what the operation does, and throws a {@link KvException} if the store decides against it; {@code unclaimed} gets a
     * result that its caller will never see.
     */
    Request(PendingCall<T> call, boolean transaction, Supplier<T> effect, Consumer<T> unclaimed) {
        this.call = call;
        this.transaction = transaction;
        this.effect = effect;
        this.unclaimed = unclaimed;
    }

    /** Takes effect, and returns what gives the caller the answer. */
    Runnable perform() {
        try {
            T result = effect.get();
            letGo = () -> unclaimed.accept(result);
            return () -> {
                if (!call.complete(result)) {
                    unclaimed.accept(result);
                }
            };
        } catch (KvException e) {
            return () -> call.fail(e);
        }
    }

    /** The answer, if there is one, does not arrive. */
    void breakOff() {
        call.fail(outcome ->
                new UnavailableException(call.context(), outcome, "the connection broke before the answer came", null));
        if (letGo != null) {
            letGo.run();
        }
    }
}
