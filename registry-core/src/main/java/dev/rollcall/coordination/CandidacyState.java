package dev.rollcall.coordination;

/** The state of a {@link Candidacy}. */
public enum CandidacyState {
    /** Not in the queue yet, or not any more: the store is away, or the lease was lost. */
    JOINING,
    /** In the queue, behind others. */
    WAITING,
    /** First in the queue, and by its own clock still there. */
    LEADING,
    /** Closed, or its backend was. The last state. */
    CLOSED
}
