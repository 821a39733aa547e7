package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * One fault of a run, in times since the run began.
 *
 * @param fault which
 * @param from when it struck
 * @param until from when it was being undone
 * @param served when a write had been acknowledged after that, or was not waited for any longer
 */
public record FaultTime(Fault fault, Duration from, Duration until, Duration served) {
    public FaultTime {
        requireNonNull(fault, "fault");
        requireNonNull(from, "from");
        requireNonNull(until, "until");
        requireNonNull(served, "served");
    }

    /** How long the store took to serve again. */
    public Duration recovery() {
        return served.minus(until);
    }
}
