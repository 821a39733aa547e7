package dev.rollcall.kv;

/** Something that goes on until it is closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Ends it. Never blocks; has no effect when called again. */
    @Override
    void close();
}
