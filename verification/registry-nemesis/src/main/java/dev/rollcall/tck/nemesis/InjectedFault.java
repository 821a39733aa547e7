package dev.rollcall.tck.nemesis;

import java.util.ArrayDeque;
import java.util.Deque;

/** A fault of a cluster: how it is undone, and which member or handle has it. */
/* Concurrency: confined to the thread of the nemesis. */
final class InjectedFault {
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
        Throwable failure = null;
        for (Runnable step : undo) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                // An assertion of the cluster's, too: what else has stopped must go on all the same.
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
