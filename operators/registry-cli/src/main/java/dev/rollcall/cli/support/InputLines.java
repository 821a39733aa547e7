package dev.rollcall.cli.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an input, read by a thread of their own, so that who waits for the next one can be interrupted: a read from standard input cannot. A byte is
 * a character here, so that each line can be judged by itself whether it is text.
 */
/* Concurrency: the queue is between the reading thread and the one that calls next(); ended is confined to the latter; stopped is written by any thread. */
public final class InputLines implements AutoCloseable {
    /** How many lines may be read ahead. */
    private static final int AHEAD = 64;

    private final BlockingQueue<Read> read = new ArrayBlockingQueue<>(AHEAD);
    private final Thread thread;
    private boolean ended;
    private volatile boolean stopped;

    /** A line, the end of the input if that is null, or why there is none. */
    private record Read(@Nullable String line, @Nullable IOException failure) {}

    public InputLines(InputStream input) {
        this.thread = new Thread(null, () -> follow(input), "rollcall-input", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void follow(InputStream input) {
        BufferedReader reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1));
        try {
            try {
                String line;
                do {
                    line = reader.readLine();
                    read.put(new Read(line, null));
                } while (line != null);
            } catch (IOException e) {
                read.put(new Read(null, e));
            }
        } catch (InterruptedException e) {
            // Nobody wants the rest.
            Thread.currentThread().interrupt();
        }
    }

    /** The next line, which is waited for; null at the end of the input, or once this has been stopped. */
    @Nullable
    public String next() throws IOException, InterruptedException {
        if (ended || stopped) {
            return null;
        }
        Read next = read.take();
        if (next.failure() != null) {
            throw next.failure();
        }
        ended = next.line() == null;
        return next.line();
    }

    /** Ends the input for who reads it, also for one that waits for the next line now. By any thread. */
    public void stop() {
        stopped = true;
        // If there is no room, nobody waits.
        read.offer(new Read(null, null));
    }

    /** Reads no further. A thread that waits for the input itself ends with that, or with the process. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
