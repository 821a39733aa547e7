package dev.rollcall.etcd;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** Waiting, with the limits of these tests. */
final class Await {
    /** Which only a hang reaches: the operations that are waited for have deadlines of three minutes at most. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private Await() {}

    /** The result of {@code future}, or what it failed with. */
    static <T> T result(CompletableFuture<T> future) {
        try {
            return Futures.await(future, LIMIT);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted.", e);
        }
    }

    /** Waits until the handle knows why it cannot reach its store: the first attempt of a new JVM takes seconds on a busy machine. */
    static void reason(KvBackend backend) {
        until(() -> backend.connection().lastFailure() != null);
    }

    /** Waits until {@code condition} holds. */
    static void until(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(LIMIT).until(condition);
    }
}
