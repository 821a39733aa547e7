package dev.rollcall.tck;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a secret in failures, in printed text and in records of the JDK's own logging. Text that other code prints meanwhile is passed on and does no
 * harm, since no other code has the secret.
 */
final class Leaks implements AutoCloseable {
    private static final String RULE = "URL-3";

    /** The streams of the process can be listened to by one at a time. */
    private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private final String secret;
    private final Logger root = Logger.getLogger("");
    private final Listening handler;
    private final PrintStream out;
    private final PrintStream err;
    private final Tee teedOut;
    private final Tee teedErr;
    private volatile @Nullable String logged;

    private Leaks(String secret) {
        ONE_AT_A_TIME.lock();
        this.secret = secret;
        this.out = System.out;
        this.err = System.err;
        this.handler = new Listening();
        this.teedOut = new Tee(out);
        this.teedErr = new Tee(err);
        root.addHandler(handler);
        System.setOut(new PrintStream(teedOut, true, UTF_8));
        System.setErr(new PrintStream(teedErr, true, UTF_8));
    }

    /** Begins to listen to what this process prints and logs. */
    static Leaks during(String secret) {
        return new Leaks(secret);
    }

    /** That {@code text}, which is {@code where}, does not hold the secret. */
    static void in(String where, @Nullable String text, String secret) {
        Expect.that(
                RULE,
                text == null || !text.contains(secret),
                () -> "The password of a URL is shown by " + where + ": '"
                        + String.valueOf(text).replace(secret, "(the password)") + "'.");
    }

    /** That no message of a failure, its causes and what is suppressed in them holds the secret. */
    static void inFailure(String where, @Nullable Throwable failure, String secret) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            in(where, String.valueOf(at), secret);
            Arrays.stream(at.getSuppressed()).forEach(also -> inFailure(where, also, secret));
        }
    }

    /** That nothing was printed or logged that holds the secret. */
    void judge() {
        in("a line of the log", logged, secret);
        in("what is printed to standard output", teedOut.text(), secret);
        in("what is printed to standard error", teedErr.text(), secret);
    }

    @Override
    public void close() {
        root.removeHandler(handler);
        System.setOut(out);
        System.setErr(err);
        ONE_AT_A_TIME.unlock();
    }

    /** Keeps the first record that holds the secret. */
    private final class Listening extends Handler {
        Listening() {
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord line) {
            String text = line.getMessage() + " " + Arrays.toString(line.getParameters()) + " " + line.getThrown();
            if (text.contains(secret)) {
                logged = text;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** Passes on what is printed, and keeps it. */
    private static final class Tee extends OutputStream {
        private final PrintStream to;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        Tee(PrintStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            kept.write(b);
            to.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            kept.write(bytes, offset, length);
            to.write(bytes, offset, length);
        }

        String text() {
            return kept.toString(UTF_8);
        }
    }
}
