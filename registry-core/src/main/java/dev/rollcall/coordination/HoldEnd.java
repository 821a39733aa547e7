package dev.rollcall.coordination;

/** Why a {@link LockHold} has ended. */
public enum HoldEnd {
    /** Its owner released it, or closed the lock. */
    RELEASED,

    /** Its lease was lost, its entry was removed or changed by someone else, or the backend was closed. */
    LOST
}
