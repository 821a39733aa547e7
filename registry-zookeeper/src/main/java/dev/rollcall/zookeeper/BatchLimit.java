package dev.rollcall.zookeeper;

import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The largest size of a request that several writes share. A server whose {@code jute.maxbuffer} is smaller than usual does not refuse a request that is
 * too large but breaks the connection. So a connection that breaks under a shared request is a hint, which the next connections must not forget. The break
 * may have had another reason, so the limit grows again, later each time.
 */
final class BatchLimit {
    /** A quarter of what a server takes by default. */
    static final int MOST = 256 << 10;

    /** So that one break, which may cost a second, leads from what is usual to what a small server takes. */
    private static final int STEP = 4;

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    /* Concurrency: guarded by its session's lock. */
    private final LongSupplier nanoTime;
    private int bytes = MOST;
    private Duration pause = FIRST_PAUSE;
    private long growsAt;

    BatchLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The limit of now. */
    int bytes() {
        if (bytes < MOST && nanoTime.getAsLong() - growsAt >= 0) {
            bytes = Math.min(MOST, bytes * STEP);
            growsAt = nanoTime.getAsLong() + pause.toNanos();
        }
        return bytes;
    }

    /** A connection broke while a request of so many bytes that several writes shared was under way. */
    void broke(int request) {
        if (request < RequestSize.SMALLEST_LIMIT) {
            return;
        }
        bytes = Math.max(RequestSize.SMALLEST_LIMIT, Math.min(bytes, request) / STEP);
        growsAt = nanoTime.getAsLong() + pause.toNanos();
        pause = Durations.min(pause.multipliedBy(2), LONGEST_PAUSE);
    }
}
