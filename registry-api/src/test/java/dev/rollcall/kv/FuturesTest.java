package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FuturesTest {
    private static final KvException FAILURE =
            new KvException(new KvException.Context("x", "get", null), Outcome.NOT_APPLIED, false, "no", null);

    @Test
    void awaitThrowsTheFailureItself() {
        CompletableFuture<String> failed = CompletableFuture.failedFuture(FAILURE);
        assertThatThrownBy(() -> Futures.await(failed)).isSameAs(FAILURE);
        assertThatThrownBy(() -> Futures.await(failed.thenApply(x -> x))).isSameAs(FAILURE);
    }

    @Test
    void awaitReturnsTheResultAndObeysInterrupts() throws InterruptedException {
        assertThat(Futures.await(CompletableFuture.completedFuture("x"))).isEqualTo("x");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Futures.await(new CompletableFuture<>())).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void awaitEndsAfterTheTimeGiven() throws InterruptedException, TimeoutException {
        assertThat(Futures.await(CompletableFuture.completedFuture("x"), Duration.ofNanos(1)))
                .isEqualTo("x");
        assertThatThrownBy(() -> Futures.await(CompletableFuture.failedFuture(FAILURE), Duration.ofSeconds(10)))
                .isSameAs(FAILURE);
        CompletableFuture<String> pending = new CompletableFuture<>();
        assertThatThrownBy(() -> Futures.await(pending, Duration.ofMillis(1)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("within 1 ms");
        assertThat(pending).isNotDone();
    }

    private static void namedCaller(CompletableFuture<String> future) throws InterruptedException {
        Futures.await(future);
    }

    @Test
    void aFailureShowsWhereItWasWaitedFor() {
        KvException shared = new KvException(
                new KvException.Context("x", "get", null), Outcome.NOT_APPLIED, false, "of another thread", null);
        shared.setStackTrace(new StackTraceElement[0]);
        CompletableFuture<String> failed = CompletableFuture.failedFuture(shared);
        assertThatThrownBy(() -> namedCaller(failed)).isSameAs(shared);
        assertThat(shared.getSuppressed())
                .singleElement()
                .satisfies(waited -> assertThat(waited.getStackTrace())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("namedCaller"))
                .satisfies(waited -> assertThat(waited)
                        .hasMessageContaining(Thread.currentThread().getName()));
        for (int i = 0; i < 1_000; i++) {
            assertThatThrownBy(() -> namedCaller(failed)).isSameAs(shared);
        }
        assertThat(shared.getSuppressed()).hasSizeLessThanOrEqualTo(8);
    }

    @Test
    void mapKeepsTheFailureUnwrapped() {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Futures.map(CompletableFuture.<String>failedFuture(FAILURE).thenApply(x -> x), String::length)
                .whenComplete((result, failure) -> seen.set(failure));
        assertThat(seen.get()).isSameAs(FAILURE);
    }

    @Test
    void mapFailsWithWhatItsFunctionThrows() {
        IllegalStateException broken = new IllegalStateException("broken");
        CompletableFuture<Integer> mapped = Futures.map(CompletableFuture.completedFuture("x"), x -> {
            throw broken;
        });
        assertThatThrownBy(mapped::join).isInstanceOf(CompletionException.class).hasCause(broken);
    }
}
