package dev.rollcall.cli.support;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/** Says on a terminal how far something is that takes longer than a second. Confined to one thread. */
public final class Progress implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final PrintWriter err;
    private final String what;
    private final long all;
    private long next = System.nanoTime() + PATIENCE_NANOS;
    private boolean shown;

    /**
     * Begins.
     *
     * @param what what is counted, such as {@code entries deleted}
     */
    public Progress(PrintWriter err, String what, long all) {
        this.err = err;
        this.what = what;
        this.all = all;
    }

    /** {@code done} of all are done. */
    public void at(long done) {
        long now = System.nanoTime();
        if (now - next >= 0 && StandardStreams.isErrorATerminal()) {
            next = now + PAUSE_NANOS;
            shown = true;
            err.print("\r" + done + " of " + all + " " + what + " ");
            err.flush();
        }
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (shown) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
