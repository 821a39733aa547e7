package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Until when the holder of a lease may rely on it, by the holder's own clock: the part of a lease that every backend has.
 *
 * <p>A store counts the ttl from when it handles a request. The holder counts from when that request was <em>sent</em>, which was earlier, and counts less
 * than the ttl, since two clocks do not run at the same rate. So the holder gives the lease up before the store does (LEASE-4), however late a reply comes.
 * Once this has said that the lease is not held, nothing makes it held again (LEASE-5): a renewal that is confirmed later has no effect.
 *
 * <p>It has no timer: its owner looks again after {@link #left()}, and renews meanwhile. Safe for use by several threads; no method blocks.
 */
public final class LeaseTerm {
    /*
     * Concurrency: deadline decides everything, by compare-and-set. A renewal replaces it by a later one; the end, or a look at the clock after it, replaces
     * it by ENDED, which nothing replaces.
     */
    private static final long ENDED = Long.MIN_VALUE;

    private static final int SHARE_OF_MARGIN = 10;

    private final TimeSource time;
    private final long origin;
    /** Until when the lease is held, in nanoseconds since its origin, or ENDED. */
    private final AtomicLong deadline;

    private LeaseTerm(TimeSource time, long origin, Duration held) {
        this.time = requireNonNull(time, "time");
        this.origin = origin;
        this.deadline = new AtomicLong(held.toNanos());
    }

    /**
     * Begins with the grant of a lease.
     *
     * @param sentAt {@code time.nanoTime()} from before the request for the lease left
     * @param held how long the lease is held from then on, such as {@link #lessMargin}
     */
    public static LeaseTerm of(TimeSource time, long sentAt, Duration held) {
        return new LeaseTerm(time, sentAt, held);
    }

    /** A ttl less a tenth: the margin for clocks that run at different rates, and for the time that the end of a lease takes to be told. */
    public static Duration lessMargin(Duration ttl) {
        return ttl.minus(ttl.dividedBy(SHARE_OF_MARGIN));
    }

    /** Whether the lease is held now. Once false, it stays false. */
    public boolean isHeld() {
        // The deadline is read first, and looked at again if it has moved on meanwhile: the time may be later than a
        // renewal that this has not seen.
        for (long now = deadline.get(); now != ENDED; now = deadline.get()) {
            if (age() < now) {
                return true;
            }
            if (deadline.compareAndSet(now, ENDED)) {
                return false;
            }
        }
        return false;
    }

    /**
     * The store has confirmed a renewal. A term that is longer already is left as it is, as replies may come in another order than their requests left.
     *
     * @param sentAt when the request for the renewal left
     * @param held how long the lease is held from then on
     * @return whether the lease is held; if not, the confirmation came too late and has no effect, and the store keeps entries that nobody holds
     */
    public boolean extend(long sentAt, Duration held) {
        long later = sentAt - origin + held.toNanos();
        while (isHeld()) {
            long now = deadline.get();
            if (now != ENDED && (later <= now || deadline.compareAndSet(now, later))) {
                return isHeld();
            }
        }
        return false;
    }

    /**
     * The store may end the lease earlier than it had confirmed, for example since another of its servers grants less. A term that is shorter already is
     * left as it is.
     *
     * @param since from when {@code held} counts
     */
    public void limit(long since, Duration held) {
        long earlier = since - origin + held.toNanos();
        for (long now = deadline.get(); now != ENDED && earlier < now; now = deadline.get()) {
            if (deadline.compareAndSet(now, earlier)) {
                return;
            }
        }
    }

    /** How long the lease is still held if nothing renews it; zero if it is not held. */
    public Duration left() {
        long now = deadline.get();
        return now == ENDED ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - age()));
    }

    /** Ends it: the lease is not held from now on. */
    public void end() {
        deadline.set(ENDED);
    }

    private long age() {
        return time.nanoTime() - origin;
    }
}
