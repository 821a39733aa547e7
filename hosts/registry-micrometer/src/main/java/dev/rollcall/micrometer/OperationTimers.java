package dev.rollcall.micrometer;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How long operations take, by their kind and how they end. */
/*
 * Concurrency: timers is a concurrent map that only grows, to a bounded number of entries; the registry would find the same timers, but with an allocation
 * for each tag.
 */
final class OperationTimers {
    private static final String OK = "ok";
    private static final String NONE = "none";

    private final MeterRegistry registry;
    private final Clock clock;
    private final Tags tags;
    private final Map<String, Timer> ok = new ConcurrentHashMap<>();
    private final Map<Failed, Timer> failed = new ConcurrentHashMap<>();

    private record Failed(String operation, String outcome, String exception) {}

    OperationTimers(MeterRegistry registry, Tags tags) {
        this.registry = requireNonNull(registry, "registry");
        this.clock = registry.config().clock();
        this.tags = requireNonNull(tags, "tags");
    }

    /**
     * Measures one call. A call that is refused by an exception is no operation.
     *
     * @param succeeded told the result, right after it was measured and before the caller is
     */
    <T> CompletableFuture<T> time(
            String operation, Supplier<CompletableFuture<T>> call, Consumer<? super T> succeeded) {
        long begun = clock.monotonicTime();
        MeasuredFuture<T> measured = new MeasuredFuture<>(call.get());
        measured.follow((result, failure) -> {
            timer(operation, failure).record(clock.monotonicTime() - begun, TimeUnit.NANOSECONDS);
            if (failure == null) {
                succeeded.accept(result);
            }
        });
        return measured;
    }

    /** Measures one call of which nobody here needs the result. */
    <T> CompletableFuture<T> time(String operation, Supplier<CompletableFuture<T>> call) {
        return time(operation, call, result -> {});
    }

    private Timer timer(String operation, @Nullable Throwable failure) {
        if (failure == null) {
            return ok.computeIfAbsent(operation, name -> timer(name, OK, NONE));
        }
        Throwable cause = Futures.unwrap(failure);
        Failed how = new Failed(operation, outcome(cause), cause.getClass().getSimpleName());
        return failed.computeIfAbsent(how, key -> timer(key.operation(), key.outcome(), key.exception()));
    }

    private static String outcome(Throwable cause) {
        if (cause instanceof KvException known) {
            return known.outcome().name().toLowerCase(Locale.ROOT);
        }
        // The caller has turned away; what became of it nobody was told. Anything else a backend must not answer with.
        return cause instanceof CancellationException ? "cancelled" : "unknown";
    }

    private Timer timer(String operation, String outcome, String exception) {
        return Timer.builder("rollcall.operations")
                .description("Operations on the store, from the call until the future is complete.")
                .tags(tags)
                .tags("operation", operation, "outcome", outcome, "exception", exception)
                .register(registry);
    }
}
