package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What tests do again and again around a fault. */
final class Faults {
    private Faults() {}

    /** The failure of an operation that must end by its deadline, which passes at once where time is virtual. */
    static KvException failureInTime(Kit kit, CompletableFuture<?> future) {
        endsInTime(kit, future);
        return kit.failure(future);
    }

    /** Waits, letting time pass, until an operation has ended; it must by its deadline. */
    static void endsInTime(Kit kit, CompletableFuture<?> future) {
        Duration deadline = kit.fixture().deadline();
        // A second more: the deadline is when the operation gives up, not when its thread has said so.
        if (!kit.elapseUntil(deadline.plusSeconds(1), future::isDone)) {
            throw new RuleViolation(
                    "LIFE-1",
                    "An operation has not ended " + deadline.plusSeconds(1).toMillis()
                            + " ms after its call, and its deadline was " + deadline.toMillis() + " ms.");
        }
    }

    /** Waits until the handle's operations succeed again. */
    static void awaitReachable(Kit kit, KvBackend handle) {
        kit.eventually("LIFE-8", "operations of a handle succeed again once it can reach the store", () -> {
            CompletableFuture<?> probe = handle.get(kit.key("probe"));
            return kit.succeeded(probe);
        });
    }
}
