package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The newest value of a registration, and the futures that wait for values to be stored. Futures for values that have not been sent wait for the newest
 * value, so they share one stage: replacing a value costs nothing while the store is away.
 */
/*
 * Concurrency: all fields are guarded by this. Stages complete on callbacks, never under the lock.
 */
final class PendingUpdates {
    /** A value, numbered in the order of update calls. */
    record Version(long number, Bytes value) {}

    private static final class Waiting {
        private final SharedStage<Long> stored = new SharedStage<>();
        private long number;
    }

    private final Executor callbacks;
    private final KvException.Context context;
    private final SharedStage<Long> first = new SharedStage<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private Version newest;
    private @Nullable Version sent;
    private long storedNumber;

    /** Whether the last of {@code waiting} is for a value that is not on its way, so that others can join it. */
    private boolean open;

    /** Why nothing will be stored any more, or null. */
    private @Nullable Throwable end;

    PendingUpdates(Executor callbacks, KvException.Context context, Bytes first) {
        this.callbacks = callbacks;
        this.context = context;
        this.newest = new Version(1, first);
    }

    /** Completes when any value has been stored. */
    CompletableFuture<Long> first() {
        return first;
    }

    synchronized CompletableFuture<Long> add(Bytes value) {
        newest = new Version(newest.number() + 1, value);
        if (end != null) {
            SharedStage<Long> failed = new SharedStage<>();
            failed.fail(end);
            return failed;
        }
        if (!open) {
            waiting.add(new Waiting());
            open = true;
        }
        Waiting last = waiting.get(waiting.size() - 1);
        last.number = newest.number();
        return last.stored;
    }

    synchronized Version newest() {
        return newest;
    }

    /**
     * What is about to be sent: the newest value; or once more the one before, if it is {@code bearable} no longer that a newer one is in doubt as well.
     */
    synchronized Version send(Predicate<? super Bytes> bearable) {
        open = false;
        if (sent == null || bearable.test(newest.value())) {
            sent = newest;
        }
        return sent;
    }

    /** What was sent may not have arrived; the next that is sent is the newest then, which those who wait for older ones wait for as well. */
    synchronized void sentInVain() {
        open = !waiting.isEmpty();
    }

    synchronized boolean isWaiting() {
        return storedNumber < newest.number();
    }

    void stored(Version version, long revision) {
        List<SharedStage<Long>> done = new ArrayList<>();
        synchronized (this) {
            storedNumber = Math.max(storedNumber, version.number());
            waiting.removeIf(one -> one.number <= storedNumber && done.add(one.stored));
            open = open && !waiting.isEmpty();
        }
        if (!first.isDone()) {
            done.add(first);
        }
        if (!done.isEmpty()) {
            callbacks.execute(() -> done.forEach(stage -> stage.succeed(revision)));
        }
    }

    /** Nothing will be stored any more, for this reason. */
    void giveUp(String reason) {
        fail(new KvException(context, Outcome.NOT_APPLIED, false, "the registration has given up: " + reason, null));
    }

    /** Nothing will be stored any more, since the registration has ended. */
    void close() {
        String reason = "the registration was closed before the value was known to be written";
        fail(new KvException(context, Outcome.UNKNOWN, false, reason, null));
    }

    private void fail(Throwable cause) {
        List<SharedStage<Long>> lost = new ArrayList<>();
        synchronized (this) {
            if (end == null) {
                end = cause;
            }
            waiting.forEach(one -> lost.add(one.stored));
            waiting.clear();
            open = false;
        }
        lost.add(first);
        // Continuations are the application's, which may wait for what the caller of this has to do.
        callbacks.execute(() -> lost.forEach(stage -> stage.fail(cause)));
    }
}
