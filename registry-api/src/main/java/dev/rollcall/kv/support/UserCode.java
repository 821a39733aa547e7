package dev.rollcall.kv.support;

import dev.rollcall.kv.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls code of the application, which may throw anything and leave its thread interrupted. */
public final class UserCode {
    private static final Logger LOG = LoggerFactory.getLogger(UserCode.class);

    private UserCode() {}

    /**
     * Runs {@code code}. Whatever it throws, errors included, is reported to the log and goes no further; an interrupt that an earlier
     * call has left on the thread does not reach it.
     *
     * @param role what the code is, for the log, such as {@code watch listener}
     * @param subject what it is about, such as the directory; only turned into text if the code throws
     */
    public static void run(String role, Object subject, Runnable code) {
        // An interrupt meant for the previous callback on this thread must not abort the next one's blocking calls.
        Thread.interrupted();
        try {
            code.run();
        } catch (Throwable e) {
            LOG.warn(
                    "The {} for '{}' threw {}; it goes on with the next call.",
                    role,
                    Printable.text(String.valueOf(subject)),
                    e.getClass(),
                    e);
        }
    }
}
