package dev.rollcall.kv;

/** What is known about the effect of an operation that failed. */
public enum Outcome {
    /** The operation had no effect and never will have: it was rejected, or never sent. Always so for reads. */
    NOT_APPLIED,

    /** The operation was sent and no answer came. It was applied once, or will be, or never: only the store can tell. */
    UNKNOWN
}
