package dev.rollcall.tck.server;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What the pumps of a {@link TcpProxy} are allowed to do at a moment. */
final class Traffic {
    private static final int SLICES_PER_SECOND = 20;

    /* Concurrency: everything is guarded by this object's monitor, which pumps wait on for their turn. */
    private final Set<Direction> stalled = EnumSet.noneOf(Direction.class);
    private final Map<Direction, Long> passed = new EnumMap<>(Direction.class);
    private final Map<Direction, Long> cutAt = new EnumMap<>(Direction.class);
    private long delayNanos;
    private int bytesPerSecond;
    private boolean closed;

    synchronized void stall(Direction... directions) {
        stalled.addAll(List.of(directions));
    }

    synchronized void flow() {
        stalled.clear();
        cutAt.clear();
        delayNanos = 0;
        bytesPerSecond = 0;
        notifyAll();
    }

    synchronized void delay(Duration time) {
        delayNanos = time.toNanos();
    }

    synchronized void throttle(int rate) {
        bytesPerSecond = rate;
    }

    synchronized void cutAfter(Direction direction, long bytes) {
        cutAt.put(direction, passed(direction) + bytes);
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Lets waiting pumps look whether their connection still stands. */
    synchronized void wake() {
        notifyAll();
    }

    synchronized long passed(Direction direction) {
        return passed.getOrDefault(direction, 0L);
    }

    /** Counts bytes that have been passed on; true if the connection is to break now. */
    synchronized boolean passed(Direction direction, int bytes) {
        long count = passed(direction) + bytes;
        passed.put(direction, count);
        Long limit = cutAt.get(direction);
        if (limit != null && count >= limit) {
            cutAt.remove(direction);
            return true;
        }
        return false;
    }

    /**
     * Waits until bytes may be passed on.
     *
     * @return how many of {@code wanted}, or -1 if the connection is broken
     */
    synchronized int awaitTurn(Direction direction, int wanted, BooleanSupplier broken) {
        long due = System.nanoTime() + delayNanos;
        int most = wanted;
        if (bytesPerSecond > 0 && wanted > 0) {
            most = Math.max(1, Math.min(wanted, bytesPerSecond / SLICES_PER_SECOND));
            due += most * 1_000_000_000L / bytesPerSecond;
        }
        while (!closed && !broken.getAsBoolean()) {
            long rest = due - System.nanoTime();
            if (!stalled.contains(direction) && (rest <= 0 || (delayNanos == 0 && bytesPerSecond == 0))) {
                Long limit = cutAt.get(direction);
                return limit == null || wanted == 0
                        ? most
                        : (int) Math.max(1, Math.min(most, limit - passed(direction)));
            }
            await(stalled.contains(direction) ? 0 : rest);
        }
        return -1;
    }

    @SuppressWarnings("WaitNotInLoop") // The caller loops.
    private void await(long nanos) {
        try {
            if (nanos <= 0) {
                wait();
            } else {
                wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt a pump; it ends with its connection.
            closed = true;
        }
    }
}
