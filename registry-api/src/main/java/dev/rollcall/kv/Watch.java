package dev.rollcall.kv;

/** A running watch. Safe for use by several threads. */
public interface Watch extends AutoCloseable {
    /** The directory that is watched. */
    Directory directory();

    /**
     * Ends the watch. No signal is taken for delivery after this returns; one that another thread had taken before may still start or be
     * running, since waiting for it could block. The listener's {@code onEnd(null)} follows unless the watch has ended before. Never blocks;
     * has no effect when called again.
     */
    @Override
    void close();
}
