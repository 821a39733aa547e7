package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The newest value of a registration, and who waits for which to be stored. */
/*
 * Concurrency: all fields are guarded by this. Futures complete on callbacks, never under the lock.
 */
final class PendingUpdates {
    /** A value, numbered in the order of update calls. */
    record Version(long number, Bytes value) {}

    private record Waiter(long number, CompletableFuture<Long> stored) {}

    private final Executor callbacks;
    private final List<Waiter> waiters = new ArrayList<>();
    private Version newest;
    private long storedNumber;

    PendingUpdates(Executor callbacks, Bytes first) {
        this.callbacks = callbacks;
        this.newest = new Version(1, first);
    }

    synchronized CompletableFuture<Long> add(Bytes value) {
        newest = new Version(newest.number() + 1, value);
        CompletableFuture<Long> stored = new CompletableFuture<>();
        waiters.add(new Waiter(newest.number(), stored));
        return stored;
    }

    synchronized Version newest() {
        return newest;
    }

    synchronized boolean isWaiting() {
        return storedNumber < newest.number();
    }

    void stored(Version version, long revision) {
        List<Waiter> done = new ArrayList<>();
        synchronized (this) {
            storedNumber = Math.max(storedNumber, version.number());
            waiters.removeIf(waiter -> waiter.number() <= storedNumber && done.add(waiter));
        }
        if (!done.isEmpty()) {
            callbacks.execute(() -> done.forEach(waiter -> waiter.stored().complete(revision)));
        }
    }

    void fail(Throwable cause) {
        List<Waiter> lost;
        synchronized (this) {
            lost = List.copyOf(waiters);
            waiters.clear();
        }
        // Not on callbacks, whose threads may have ended already; nobody's lock is held here.
        lost.forEach(waiter -> waiter.stored().completeExceptionally(cause));
    }
}
