package dev.rollcall.tck.history;

/** Decides whether the contract allows a history. */
@FunctionalInterface
public interface Judge {
    /** Judges a history; has no state. */
    Verdict judge(History history);
}
