package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Threads that do something again and again, each for itself, until they are told to stop. */
final class Crew implements AutoCloseable {
    /** What a thread repeats. */
    interface Work {
        void once() throws InterruptedException;
    }

    /* Concurrency: threads belong to the owner; the rest is final and safe. */
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Consumer<String> accuse;
    private final Duration patience;

    /**
     * Without threads.
     *
     * @param accuse is told what is wrong, by any thread
     * @param patience how long an answer may take, and a thread to end
     */
    Crew(Consumer<String> accuse, Duration patience) {
        this.accuse = accuse;
        this.patience = patience;
    }

    void start(String name, Work work) {
        Thread thread = new Thread(() -> repeat(name, work), "nemesis-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void repeat(String name, Work work) {
        try {
            while (!isOver()) {
                work.once();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            accuse.accept(name + " broke off: " + e);
        }
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    /** Waits, but not longer than until it is over. */
    void pause(long millis) throws InterruptedException {
        // Whether it is over is asked by isOver(), where it matters.
        boolean ignored = over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** What came of it; empty if it failed, or never came, which is told. */
    <T> Optional<T> answer(String what, CompletableFuture<T> future) throws InterruptedException {
        try {
            return Optional.of(Futures.await(future, patience));
        } catch (KvException e) {
            return Optional.empty();
        } catch (TimeoutException e) {
            accuse.accept("LIFE-1, was not answered within " + patience + ": " + what);
            return Optional.empty();
        }
    }

    /** Ends all threads: waits until they do so by themselves, and interrupts those that do not. */
    @Override
    public void close() {
        over.countDown();
        boolean interrupted = false;
        long giveUpAt = System.nanoTime() + patience.toNanos();
        try {
            for (Thread thread : threads) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, giveUpAt - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        threads.forEach(Thread::interrupt);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
