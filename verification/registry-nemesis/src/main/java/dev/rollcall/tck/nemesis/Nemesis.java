package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Subscription;
import dev.rollcall.tck.history.HistoryRecorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Causes one fault after another in a cluster, by a seed, and heals each.
 *
 * <p>What happens is decided by the seed; when exactly it happens to whom, by the cluster.
 */
final class Nemesis implements AutoCloseable {
    /** Who has to know what it does; told by its thread. */
    interface Audience {
        /** A fault is about to be undone, which went astray if it did not strike whom it is named after. */
        void healing(Fault fault, boolean astray);

        /** All is undone: waits until the store serves again. */
        void awaitRecovery();
    }

    private static final int LEAST_FAULT_MILLIS = 700;
    private static final int MOST_FAULT_MILLIS = 3_000;
    private static final int LEAST_QUIET_MILLIS = 200;
    private static final int MOST_QUIET_MILLIS = 1_500;

    /* Concurrency: the times and the failure are written by the thread and read after it has ended; over is set by the owner. */
    private final Cluster cluster;
    private final List<Fault> faults;
    private final HistoryRecorder recorder;
    private final Random random;
    private final Duration time;
    private final Audience audience;
    /** When the run began, by {@link System#nanoTime()}. */
    private final long origin;

    private final List<FaultTime> times = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable Throwable failure;

    /** Begins at once and lasts {@code time}; then everything is healed. Times are told since {@code origin}. */
    Nemesis(
            Cluster cluster,
            List<Fault> faults,
            HistoryRecorder recorder,
            long seed,
            Duration time,
            long origin,
            Audience audience) {
        this.cluster = requireNonNull(cluster, "cluster");
        this.faults = List.copyOf(faults);
        this.recorder = recorder;
        this.random = new Random(seed);
        this.time = time;
        this.origin = origin;
        this.audience = requireNonNull(audience, "audience");
        this.thread = new Thread(this::run, "nemesis");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        long end = System.nanoTime() + time.toNanos();
        try {
            while (!faults.isEmpty()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left < LEAST_FAULT_MILLIS || sleep(between(LEAST_QUIET_MILLIS, MOST_QUIET_MILLIS))) {
                    return;
                }
                List<Fault> possible = faults.stream()
                        .filter(fault -> fault.isPossible(cluster))
                        .toList();
                if (!possible.isEmpty()) {
                    strike(possible.get(random.nextInt(possible.size())), left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            // An assertion of the cluster's, too: whatever it is, the run must not go on as if nothing had happened.
            failure = e;
        }
    }

    private void strike(Fault fault, long left) throws InterruptedException {
        Subscription mark = recorder.mark(fault.label());
        Duration from = now();
        InjectedFault injected = new InjectedFault();
        Duration healing;
        try {
            fault.strike(cluster, random, injected);
            long millis = Math.min(left, between(LEAST_FAULT_MILLIS, MOST_FAULT_MILLIS));
            sleep(Math.max(millis, cluster.leastTime(fault).toMillis()));
        } finally {
            healing = now();
            audience.healing(fault, injected.isAstray());
            injected.heal();
            mark.close();
        }
        audience.awaitRecovery();
        times.add(new FaultTime(fault, from, healing, now()));
    }

    private Duration now() {
        return Duration.ofNanos(System.nanoTime() - origin);
    }

    private long between(int least, int most) {
        return least + (long) random.nextInt(most - least);
    }

    /** Waits; true if the owner wants no more. */
    private boolean sleep(long millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** The faults that came, in order; only once this is closed. */
    List<FaultTime> times() {
        return times;
    }

    /** Ends the faults, and waits until everything is healed. */
    @Override
    public void close() {
        over.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException(
                    "The nemesis could not do or undo a fault; the cluster is in no known state.", failure);
        }
    }
}
