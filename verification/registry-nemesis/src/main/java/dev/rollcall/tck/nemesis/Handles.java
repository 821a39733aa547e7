package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.TrackedBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Opens the handles of a run, and finds what is left of them when they are closed. Safe for use by several threads. */
final class Handles {
    private static final long POLL_MILLIS = 20;

    private final Cluster cluster;
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();
    private final Queue<TrackedBackend> opened = new ConcurrentLinkedQueue<>();

    Handles(Cluster cluster) {
        this.cluster = cluster;
    }

    KvBackend open() {
        opened.removeIf(Handles::isGone);
        TrackedBackend handle = new TrackedBackend(cluster.open());
        opened.add(handle);
        return handle;
    }

    private static boolean isGone(TrackedBackend handle) {
        return handle.connection().state() == ConnectionState.CLOSED
                && handle.pending().isEmpty()
                && handle.heldLeases().isEmpty();
    }

    /** Closes all that are still open. */
    void close() {
        opened.forEach(KvBackend::close);
    }

    /** Waits until nothing is left of the handles, which all have been closed, and says what is by then. */
    List<String> leftovers(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        List<String> left = leftovers();
        while (!left.isEmpty() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            left = leftovers();
        }
        return left;
    }

    private List<String> leftovers() {
        List<String> left = new ArrayList<>();
        for (TrackedBackend handle : opened) {
            if (!handle.pending().isEmpty()) {
                left.add("LIFE-3, " + handle.pending().size() + " futures of a closed handle on " + handle
                        + " are not complete");
            }
            if (!handle.heldLeases().isEmpty()) {
                left.add("LIFE-3, leases of a closed handle on " + handle + " have not ended: "
                        + handle.heldLeases().stream().map(Lease::id).toList());
            }
        }
        List<String> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> name.contains(cluster.threadMark()))
                .sorted()
                .toList();
        if (!threads.isEmpty()) {
            left.add("LIFE-5, threads are left of handles that were closed: " + threads);
        }
        return left;
    }
}
