package dev.rollcall.micrometer;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Brings the acknowledgement of a write together with the first watch signal of the same revision, whichever comes first. What comes much later is not its
 * lag, but the catching up of a watch that was begun in the past.
 */
/*
 * Concurrency: each slot has the last sighting of its revisions and is changed by compare-and-set. A sighting that another revision has pushed out is
 * forgotten, and that write is not measured.
 */
final class WriteLag {
    private static final int SLOTS = 256;
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Timer timer;
    private final Clock clock;
    private final AtomicReferenceArray<@Nullable Sighting> slots = new AtomicReferenceArray<>(SLOTS);

    private record Sighting(long revision, long nanos, boolean acknowledged) {}

    WriteLag(Timer timer, Clock clock) {
        this.timer = timer;
        this.clock = clock;
    }

    private static int slot(long revision) {
        return (int) (revision & (SLOTS - 1));
    }

    /** A write of this handle was acknowledged. */
    void acknowledged(long revision) {
        Sighting now = new Sighting(revision, clock.monotonicTime(), true);
        while (true) {
            Sighting before = slots.get(slot(revision));
            boolean brought = before != null && before.revision() == revision && !before.acknowledged();
            if (slots.compareAndSet(slot(revision), before, brought ? null : now)) {
                if (brought) {
                    timer.record(0, TimeUnit.NANOSECONDS);
                }
                return;
            }
        }
    }

    /** A watch has brought a change, of whosever write. */
    void brought(long revision) {
        while (true) {
            Sighting before = slots.get(slot(revision));
            if (before != null && before.revision() == revision) {
                long lag = Math.max(0, clock.monotonicTime() - before.nanos());
                if (!before.acknowledged() || !slots.compareAndSet(slot(revision), before, null)) {
                    return;
                }
                if (lag <= LONGEST_NANOS) {
                    timer.record(lag, TimeUnit.NANOSECONDS);
                }
                return;
            }
            Sighting now = new Sighting(revision, clock.monotonicTime(), false);
            if (before != null && before.revision() > revision || slots.compareAndSet(slot(revision), before, now)) {
                return;
            }
        }
    }
}
