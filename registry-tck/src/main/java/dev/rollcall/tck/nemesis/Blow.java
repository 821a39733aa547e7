package dev.rollcall.tck.nemesis;

import java.util.ArrayDeque;
import java.util.Deque;

/** A fault as it strikes: what undoes it, and whom it struck. */
/* Concurrency: confined to the thread of the nemesis. */
final class Blow {
    private final Deque<Runnable> undo = new ArrayDeque<>();
    private boolean astray;

    /** Adds what undoes the next step. */
    void undo(Runnable step) {
        undo.push(step);
    }

    /** It strikes somebody else, since nobody was what it is named after, such as the leader. */
    void goAstray() {
        astray = true;
    }

    boolean isAstray() {
        return astray;
    }

    /** Undoes everything, last to first, also if some of it fails. */
    void heal() {
        RuntimeException failure = null;
        for (Runnable step : undo) {
            try {
                step.run();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
