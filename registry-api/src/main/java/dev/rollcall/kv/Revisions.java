package dev.rollcall.kv;

/** Argument checks for revisions. */
final class Revisions {
    private Revisions() {}

    static long checkPositive(long revision) {
        if (revision <= 0) {
            throw new IllegalArgumentException("A revision is positive, but this one is " + revision + ".");
        }
        return revision;
    }

    /** A store revision may be 0 only for a store that was never written. */
    static long checkStore(long revision) {
        if (revision < 0) {
            throw new IllegalArgumentException("A store revision is never negative, but this one is " + revision + ".");
        }
        return revision;
    }
}
