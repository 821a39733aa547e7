package dev.rollcall.zookeeper;

import java.util.concurrent.atomic.AtomicLong;

/** The latest revision that this handle has reported. No later read may be older, whichever server it goes to. */
final class RevisionWatermark {
    private final AtomicLong revision = new AtomicLong();

    /** Is about to be told; returns it. */
    long raise(long told) {
        revision.accumulateAndGet(told, Math::max);
        return told;
    }

    /** The store has gone back in time, and with it what it has told. */
    void reset() {
        revision.set(0);
    }

    long revision() {
        return revision.get();
    }
}
