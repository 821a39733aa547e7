package dev.rollcall.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Several threads that start at the same moment; the first failure of any of them is the failure of the test. */
final class Crowd {
    private final int size;

    private Crowd(int size) {
        this.size = size;
    }

    static Crowd of(int size) {
        return new Crowd(size);
    }

    /** Runs {@code work} once on each thread, which is given its number, and waits for all. */
    void run(IntConsumer work) {
        go(work, new AtomicBoolean());
    }

    /**
     * Runs {@code work} once on the first thread, and again and again on the others: at least once while the first may be at work, and once
     * after it is done.
     */
    void runUntilFirstEnds(IntConsumer work) {
        AtomicBoolean over = new AtomicBoolean();
        go(
                worker -> {
                    if (worker == 0) {
                        try {
                            work.accept(0);
                        } finally {
                            over.set(true);
                        }
                    } else {
                        do {
                            work.accept(worker);
                        } while (!over.get());
                        work.accept(worker);
                    }
                },
                over);
    }

    private void go(IntConsumer work, AtomicBoolean over) {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int worker = i;
            Thread thread = new Thread(
                    () -> {
                        try {
                            start.await();
                            work.accept(worker);
                        } catch (Throwable e) {
                            failure.compareAndSet(null, e);
                            over.set(true);
                        }
                    },
                    "kit-worker-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        start.countDown();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test was interrupted; its time was up.", e);
        }
        Throwable first = failure.get();
        if (first instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw new IllegalStateException(first);
        }
    }
}
