package dev.rollcall.inmemory;

/** A fault that one operation meets, and then no other. */
enum OneTimeFault {
    /** Any operation: the store declines it. */
    REFUSE,
    /** A transaction: it is lost on its way to the store. */
    DROP_REQUEST,
    /** A transaction: its answer is lost on the way back. */
    LOSE_ANSWER;

    boolean concerns(Request<?> request) {
        return this == REFUSE || request.transaction;
    }
}
