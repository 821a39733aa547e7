package dev.rollcall.etcd;

import dev.rollcall.kv.Futures;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;

/** Waiting, with the limits of these tests. */
final class Await {
    private Await() {}

    /** The result of {@code future}, or what it failed with. */
    static <T> T result(CompletableFuture<T> future) {
        try {
            return Futures.await(future);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted.", e);
        }
    }

    /** Waits until {@code condition} holds. */
    static void until(Callable<Boolean> condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .until(condition);
    }
}
