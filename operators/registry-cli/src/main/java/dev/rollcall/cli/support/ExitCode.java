package dev.rollcall.cli.support;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/** What the process tells its caller; the numbers are part of the command's interface. */
public final class ExitCode {
    /** Done. */
    public static final int OK = 0;
    /** The store's answer is no: absent, exists already, at another revision, not a node, history gone; or a check failed. */
    public static final int REFUSED = 1;
    /** The command line, URL, key, value or input file is malformed; nothing was sent. */
    public static final int USAGE = 2;
    /** The store could not be reached or did not answer in time; nothing was changed. */
    public static final int UNAVAILABLE = 3;
    /** A write was sent and its answer was lost: look before repeating it. */
    public static final int UNKNOWN = 4;
    /** The store refuses this user. */
    public static final int DENIED = 5;
    /** A fault in this program. */
    public static final int BUG = 70;
    /** What the command said could not be written to its standard output: the reader is gone, or the disk is full. */
    public static final int OUTPUT = 74;
    /** A lock or an office was lost, and the command that ran under it was stopped. */
    public static final int TURN_LOST = 75;
    /** Interrupted. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}

    public static int of(Throwable failure) {
        if (failure instanceof KvException kv) {
            if (kv.outcome() == Outcome.UNKNOWN) {
                return UNKNOWN;
            }
            if (kv instanceof UnavailableException
                    || kv instanceof DeadlineExceededException
                    || kv instanceof BackendClosedException) {
                return UNAVAILABLE;
            }
            return kv instanceof AccessDeniedException ? DENIED : REFUSED;
        }
        if (failure instanceof UsageException || failure instanceof IllegalArgumentException) {
            return USAGE;
        }
        boolean interrupted = failure instanceof InterruptedException
                || (failure instanceof UncheckedIOException && failure.getCause() instanceof InterruptedIOException);
        return interrupted ? INTERRUPTED : BUG;
    }
}
