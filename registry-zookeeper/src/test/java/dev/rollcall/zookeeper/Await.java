package dev.rollcall.zookeeper;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** Waits for futures in tests. */
final class Await {
    /** Which only a hang reaches: the operations that are waited for have deadlines of three minutes at most. */
    private static final int SECONDS = 240;

    private Await() {}

    static <T> T result(CompletableFuture<T> future) {
        try {
            future.handle((value, failure) -> true).get(SECONDS, TimeUnit.SECONDS);
            return Futures.await(future);
        } catch (TimeoutException | ExecutionException e) {
            throw new AssertionError("A future did not complete within " + SECONDS + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static KvException failure(CompletableFuture<?> future) {
        try {
            Object value = result(future);
            throw new AssertionError("Expected a failure, but the operation succeeded with " + value + ".");
        } catch (KvException e) {
            return e;
        }
    }

    /** Waits until the handle knows why it cannot reach its store: the first attempt of a new JVM takes seconds on a busy machine. */
    static void reason(KvBackend backend) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(SECONDS))
                .until(() -> backend.connection().lastFailure() != null);
    }

    static Bytes text(Object value) {
        return Bytes.ofUtf8(value.toString());
    }
}
