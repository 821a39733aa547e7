package dev.rollcall.tck.report;

/** What is known about a rule, or came of a test, after a run. */
public enum Status {
    /** All of its tests ran and passed. */
    VERIFIED,
    /** It does not apply: the backend does not declare the capability, and refuses its use as it must, or there is nothing here that could keep it. */
    REFUSED,
    /** A test found it broken. */
    FAILED,
    /** No test found it broken, but not all of its tests could be run. */
    NOT_VERIFIED
}
