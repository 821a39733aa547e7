package dev.rollcall.tck.nemesis;

/**
 * How many operations came to an end within one second of a run; those that never did count where they began.
 *
 * @param second which, counted from 0 when the run began
 * @param done how many were answered by the store, refusals by a condition included
 * @param failed how many are known to have done nothing
 * @param inDoubt how many have an unknown outcome
 */
public record Pulse(int second, int done, int failed, int inDoubt) {
    /** All of them. */
    public int all() {
        return done + failed + inDoubt;
    }

    Pulse plus(Pulse other) {
        return new Pulse(second, done + other.done, failed + other.failed, inDoubt + other.inDoubt);
    }
}
