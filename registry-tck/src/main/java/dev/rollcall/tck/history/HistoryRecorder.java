package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records what handles are asked and what they answer.
 *
 * <p>A client may have any number of calls in flight: each is an operation of its own, ordered by its moments and not by its client.
 * What a write in doubt was, and the value of everything written, is known before the answer comes.
 *
 * <p>Safe for use by several threads, and cheap: two draws from a counter and one small object for each operation.
 */
public final class HistoryRecorder {
    private final AtomicLong order = new AtomicLong();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicInteger watchIds = new AtomicInteger();
    private final long start = System.nanoTime();
    private final Queue<Running> operations = new ConcurrentLinkedQueue<>();
    private final Queue<RecordingWatch> watches = new ConcurrentLinkedQueue<>();
    private final Queue<Supplier<Mark>> marks = new ConcurrentLinkedQueue<>();

    private volatile BiFunction<KvBackend, Txn, Txn> change = (backend, txn) -> txn;

    /** A recorder of an empty history. */
    public HistoryRecorder() {}

    /** What an operation came to, once it has. */
    private record Ended(Moment returned, Result result) {}

    private static final class Running {
        final Operation begun;

        @Nullable
        volatile Ended ended;

        Running(Operation begun) {
            this.begun = begun;
        }

        Operation told() {
            Ended now = ended;
            return now == null
                    ? begun
                    : new Operation(
                            begun.id(), begun.client(), begun.call(), begun.called(), now.returned(), now.result());
        }
    }

    /**
     * A handle that does what {@code backend} does and is recorded under {@code name}. Convenience methods for single writes are
     * recorded as the transactions that they stand for, and sent to {@code backend} as such.
     */
    public KvBackend client(String name, KvBackend backend) {
        return new RecordingBackend(name, backend, this);
    }

    /** Has each transaction of a handle replaced by another, which is recorded and sent instead. */
    public void changing(BiFunction<KvBackend, Txn, Txn> other) {
        change = requireNonNull(other, "other");
    }

    Txn changed(KvBackend backend, Txn txn) {
        return change.apply(backend, txn);
    }

    /** Records that something goes on, such as a fault, until the returned subscription is closed. */
    public Subscription mark(String text) {
        Moment from = now();
        AtomicLong until = new AtomicLong(-1);
        AtomicLong place = new AtomicLong();
        marks.add(() -> new Mark(text, from, until.get() < 0 ? null : new Moment(until.get(), place.get())));
        return () -> {
            Moment end = now();
            place.set(end.order());
            until.compareAndSet(-1, end.nanos());
        };
    }

    /** Says that writes have stopped and connections are healed, so that every watch still open has to reach {@code revision}. */
    public void owe(long revision) {
        watches.forEach(watch -> watch.owe(revision));
    }

    /** Whether every watch that owes a revision has reached it, or has ended. */
    public boolean isSettled() {
        return watches.stream().allMatch(RecordingWatch::isSettled);
    }

    /** Whether every watch that was closed has told its end. */
    public boolean isQuiet() {
        return watches.stream().allMatch(RecordingWatch::isQuiet);
    }

    /** What was recorded so far; operations without an answer are pending. */
    public History history() {
        return new History(
                operations.stream().map(Running::told).toList(),
                watches.stream().map(RecordingWatch::told).toList(),
                marks.stream().map(Supplier::get).toList());
    }

    Moment now() {
        long place = order.incrementAndGet();
        return new Moment(System.nanoTime() - start, place);
    }

    <T> CompletableFuture<T> record(
            String client, Call call, Supplier<CompletableFuture<T>> send, Function<T, Result> read) {
        Running running =
                new Running(new Operation(ids.incrementAndGet(), client, call, now(), null, new Result.Pending()));
        operations.add(running);
        CompletableFuture<T> answer = new CompletableFuture<>();
        CompletableFuture<T> sent;
        try {
            sent = send.get();
        } catch (RuntimeException e) {
            running.ended = new Ended(now(), new Result.NotApplied(text(e)));
            throw e;
        }
        sent.whenComplete((result, failure) -> {
            Throwable cause = failure == null ? null : Futures.unwrap(failure);
            Moment returned = now();
            running.ended =
                    new Ended(returned, cause == null ? read.apply(result) : failed(running.begun.call(), cause));
            if (cause == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(cause);
            }
        });
        return answer;
    }

    RecordingWatch watch(
            String client, Directory directory, WatchStart start, WatchListener listener, KvBackend backend) {
        RecordingWatch watch = new RecordingWatch(watchIds.incrementAndGet(), client, directory, start, listener, this);
        watches.add(watch);
        watch.open(backend);
        return watch;
    }

    private static Result failed(Call call, Throwable cause) {
        if (cause instanceof ConditionFailedException failure && call instanceof Call.Commit commit) {
            int index = indexOf(commit.conditions(), failure.condition());
            if (index >= 0) {
                return new Result.ConditionFailed(
                        index, failure.actualRevision().orElse(0));
            }
        }
        if (cause instanceof KvException failure) {
            return failure.outcome() == Outcome.NOT_APPLIED
                    ? new Result.NotApplied(text(cause))
                    : new Result.Unknown(text(cause));
        }
        return call.isRead() ? new Result.NotApplied(text(cause)) : new Result.Unknown(text(cause));
    }

    private static int indexOf(List<Condition> conditions, @Nullable Condition condition) {
        return condition == null ? -1 : conditions.indexOf(condition);
    }

    static String text(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }

    static Call.Commit call(Txn txn) {
        return Call.Commit.of(txn);
    }
}
