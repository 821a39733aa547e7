package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One {@link KvBackend#modify}: a read, what the function makes of it, and a compare-and-set, again and again until nobody else was faster. Among many that
 * change one key, each round has a winner, and random pauses that double keep the losers from meeting again.
 */
final class Modification {
    /** With the pauses, some four seconds; who loses as often as that is told. */
    private static final int MOST_CONFLICTS = 64;

    private static final int FIRST_PAUSE_MICROS = 500;
    private static final int MOST_DOUBLINGS = 8;

    /* Concurrency: one attempt at a time, each begun by the end of the one before. */
    private final KvBackend backend;
    private final Key key;
    private final UnaryOperator<Bytes> change;
    private final CompletableFuture<KeyValue> result = new CompletableFuture<>();
    private int conflicts;

    Modification(KvBackend backend, Key key, UnaryOperator<Bytes> change) {
        this.backend = backend;
        this.key = requireNonNull(key, "key");
        this.change = requireNonNull(change, "change");
    }

    CompletableFuture<KeyValue> begin() {
        attempt();
        return result;
    }

    private void attempt() {
        if (result.isDone()) {
            return; // The caller has detached.
        }
        Futures.map(backend.get(key), this::write).whenComplete((begun, failure) -> fail(failure));
    }

    private CompletableFuture<Commit> write(GetResult found) {
        KeyValue before = found.entryOrNull();
        if (before == null) {
            throw ConditionFailedException.of(context(), new Condition.Present(key), 0);
        }
        Bytes after = requireNonNull(change.apply(before.value()), "what the change returned");
        CompletableFuture<Commit> write = backend.update(key, after, before.revision());
        write.whenComplete((commit, failure) -> {
            if (commit != null) {
                result.complete(new KeyValue(key, after, commit.revision(), before.leased()));
            } else if (Futures.unwrap(failure) instanceof ConditionFailedException conflict) {
                lost(conflict);
            } else {
                fail(failure);
            }
        });
        return write;
    }

    /** Somebody was faster. */
    private void lost(ConditionFailedException conflict) {
        conflicts++;
        if (conflicts >= MOST_CONFLICTS) {
            String reason = "others changed the key first, " + conflicts + " times";
            fail(new KvException(context(), Outcome.NOT_APPLIED, true, reason, conflict));
            return;
        }
        int bound = FIRST_PAUSE_MICROS << Math.min(conflicts - 1, MOST_DOUBLINGS);
        Executor afterAPause = CompletableFuture.delayedExecutor(
                ThreadLocalRandom.current().nextInt(bound + 1), TimeUnit.MICROSECONDS, Modification::inAThread);
        CompletableFuture.runAsync(this::attempt, afterAPause).whenComplete((done, failure) -> fail(failure));
    }

    /** The function may block, so it must not meet the JDK's only timer thread; where a read is answered at once it is called here. */
    private static void inAThread(Runnable task) {
        Thread thread = new Thread(task, "rollcall-modify");
        thread.setDaemon(true);
        thread.start();
    }

    private void fail(@Nullable Throwable failure) {
        if (failure != null) {
            result.completeExceptionally(Futures.unwrap(failure));
        }
    }

    private KvException.Context context() {
        return KvException.Context.of(backend.name(), "modify", key);
    }
}
