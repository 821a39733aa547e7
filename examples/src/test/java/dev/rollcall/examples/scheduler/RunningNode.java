package dev.rollcall.examples.scheduler;

/** A node of the scheduler that can die. */
interface RunningNode extends AutoCloseable {
    /** Ends it as a crash does: nobody is told, nothing is closed. */
    void crash();

    /** Lets it go on where it was, if it was only cut off from the store. */
    default void comeBack() {}

    @Override
    void close();
}
