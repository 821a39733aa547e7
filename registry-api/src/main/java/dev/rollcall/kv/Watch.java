package dev.rollcall.kv;

/** A running watch. Safe for use by several threads. */
public interface Watch extends AutoCloseable {
    /** The directory that is watched. */
    Directory directory();

    /**
     * Ends the watch. No signal starts after this returns (one that is being delivered by another thread may still be running), and the
     * listener's {@code onEnd(null)} follows unless the watch has ended before. Never blocks; has no effect when called again.
     */
    @Override
    void close();
}
