package dev.rollcall.cli.store;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a few reads of a store came to.
 *
 * @param micros how long the one in the middle took
 * @param revision the store's revision
 * @param root what may be done at the root, for people
 * @param failure why the store could not be read, or null
 */
record Probes(
        long micros, long revision, String root, @Nullable KvException failure) {
    /** How many reads are timed. */
    static final int READS = 5;

    /** Need not exist; that it does not is an answer as well. */
    private static final Key PROBED = Key.of("/.rollcall/status");

    static Probes of(KvBackend backend) throws InterruptedException {
        try {
            // The first one waits for the connection.
            long revision = Futures.await(backend.get(PROBED)).revision();
            long[] nanos = new long[READS];
            for (int i = 0; i < READS; i++) {
                long start = System.nanoTime();
                revision = Futures.await(backend.get(PROBED)).revision();
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            return new Probes(nanos[READS / 2] / 1000, revision, root(backend), null);
        } catch (KvException e) {
            return new Probes(0, 0, "unknown", e);
        }
    }

    private static String root(KvBackend backend) throws InterruptedException {
        try {
            int names = Futures.await(backend.children(Directory.ROOT)).size();
            return "may be listed, " + (names == 1 ? "1 name" : names + " names");
        } catch (AccessDeniedException e) {
            return "may not be listed by this user";
        }
    }

    /** How long a read takes, for people. */
    String latency() {
        return String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
    }
}
