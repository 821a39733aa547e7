package dev.rollcall.cli;

import dev.rollcall.cli.support.StandardStreams;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts a command without an end of its own when the reader of its output is gone, as behind {@code | head -1}. Who writes learns that from the next
 * write, which on a quiet directory may never come, and Java cannot ask without one. The {@code tail} of GNU can: it ends when the reader of what it inherited
 * does. Where there is none, the next write has to do.
 */
/* Concurrency: watched is guarded by this; the watcher's thread only reads what its process says, and interrupts under the lock. */
final class ReaderWatch implements AutoCloseable {
    /** How tail ends when its reader is gone: by the signal for that, or without where the signal is ignored. */
    private static final int BROKEN_PIPE = 128 + 13;

    private static final int BROKEN_PIPE_IGNORED = 1;

    private final @Nullable Process tail;
    private @Nullable Thread watched;
    private boolean gone;

    private ReaderWatch(@Nullable Process tail, Thread watched) {
        this.tail = tail;
        this.watched = watched;
    }

    /** Watches until it is closed; {@code command} is the thread that is interrupted. */
    static ReaderWatch of(Thread command) {
        Process tail = StandardStreams.outputHasReader() ? startTail() : null;
        ReaderWatch watch = new ReaderWatch(tail, command);
        if (tail != null) {
            Thread thread = new Thread(null, () -> watch.follow(tail), "rollcall-reader-watch", 0, false);
            thread.setDaemon(true);
            thread.start();
        }
        return watch;
    }

    private static @Nullable Process startTail() {
        ProcessBuilder builder = new ProcessBuilder(
                "tail", "-f", "-s", "1", "--pid=" + ProcessHandle.current().pid(), "/dev/null");
        builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
        try {
            return builder.start();
        } catch (IOException | SecurityException e) {
            return null;
        }
    }

    private void follow(Process process) {
        try (InputStream complaints = process.getErrorStream()) {
            boolean understood = complaints.readAllBytes().length == 0;
            int code = process.waitFor();
            if (understood && (code == BROKEN_PIPE || code == BROKEN_PIPE_IGNORED)) {
                interrupt();
            }
        } catch (IOException e) {
            // The process was ended by close(), so nobody waits for what it would say.
            process.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void interrupt() {
        if (watched != null) {
            gone = true;
            watched.interrupt();
        }
    }

    /** Whether the reader is gone. */
    synchronized boolean isReaderGone() {
        return gone;
    }

    /** Ends watching; the command is not interrupted any more, and an interrupt that came too late to end it is taken back. */
    @Override
    public void close() {
        synchronized (this) {
            if (gone) {
                Thread.interrupted();
            }
            watched = null;
        }
        if (tail != null) {
            tail.destroy();
            try {
                // It holds the output open, and a reader should see the end when we say so.
                tail.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
