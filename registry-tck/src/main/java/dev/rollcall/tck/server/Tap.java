package dev.rollcall.tck.server;

/** Looks at the bytes of one connection as they pass through a {@link TcpProxy}, and may interfere. */
public interface Tap {
    /** What becomes of the bytes that were looked at. */
    enum Verdict {
        /** They go on. */
        PASS,
        /** They go on, and the connection breaks once they have left. */
        PASS_AND_CUT,
        /** They are swallowed, and the connection breaks. */
        CUT
    }

    /** Opens taps, one for each connection. */
    @FunctionalInterface
    interface Factory {
        /** A tap for a connection that has just been accepted. */
        Tap open();
    }

    /**
     * Looks at what has arrived. Called from two threads, one for each direction.
     *
     * @param bytes holds the bytes from index 0; must not be changed or kept
     */
    Verdict see(Direction direction, byte[] bytes, int length);
}
