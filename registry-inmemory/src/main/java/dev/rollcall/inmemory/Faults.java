package dev.rollcall.inmemory;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.support.ConnectionTracker;
import java.time.Duration;

/**
 * Faults between one {@link InMemoryBackend} and its store, on demand, so that an application can test how it reacts. Other handles on the same store
 * notice nothing but the consequences. Nothing here is random, and nothing blocks.
 *
 * <pre>{@code
 * backend.faults().loseNextAnswer();
 * assertThatThrownBy(() -> Futures.await(backend.put(key, value)))
 *         .isInstanceOfSatisfying(KvException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
 * }</pre>
 *
 * <p>All times are those of the store's {@link dev.rollcall.kv.TimeSource}; with {@link ManualTime} they take no real time. After the
 * handle was closed, nothing here has an effect but the expiry of leases whose end the store could not be told.
 */
public final class Faults {
    private final InMemoryBackend backend;
    private final FaultyConnection faultyConnection;
    private final Presence presence;
    private final ConnectionTracker connection;

    Faults(
            InMemoryBackend backend,
            FaultyConnection faultyConnection,
            Presence presence,
            ConnectionTracker connection) {
        this.backend = backend;
        this.faultyConnection = faultyConnection;
        this.presence = presence;
        this.connection = connection;
    }

    /**
     * Breaks the connection. What is under way fails with {@link UnavailableException}, a write with {@link Outcome#UNKNOWN}. New
     * operations wait for {@link #reconnect()} until their deadline, then fail as not applied. Watches hear nothing. Leases are no longer
     * renewed: unless the connection is back in time, {@link Lease#isHeld()} turns false a tenth of the ttl, at most a second, before the
     * ttl has passed, and the store lets the entries go when it has.
     */
    public void disconnect() {
        if (faultyConnection.cut()) {
            connection.disconnected(new UnavailableException(
                    new Context(backend.name(), "connection", null),
                    Outcome.NOT_APPLIED,
                    "the connection was broken on demand",
                    null));
        }
    }

    /**
     * Makes the connection again. Leases that are still held are renewed, others end at once; watches learn what they missed, from the
     * history, or if that was compacted by a fresh snapshot, or by {@link dev.rollcall.kv.HistoryUnavailableException} if they cannot use
     * one; then what waited is sent, in the order of the calls.
     */
    public void reconnect() {
        if (faultyConnection.heal()) {
            connection.connected();
        }
    }

    /**
     * Lets the store answer nothing, as if its process were suspended: the connection looks well, operations arrive, and those written
     * when it {@linkplain #thaw() thaws} have their effect then, though their callers have long been told that the outcome is unknown.
     * Watches and leases fare as in {@link #disconnect()}.
     */
    public void freeze() {
        faultyConnection.freeze();
    }

    /** Lets the store go on after {@link #freeze()}; what has arrived meanwhile takes effect, in the order of arrival. */
    public void thaw() {
        faultyConnection.thaw();
    }

    /**
     * Holds all answers back: operations arrive and have their effect, and nobody here is told, until {@link #releaseAnswers()} or their deadlines. Watches
     * and leases fare as in {@link #disconnect()}: what the store may think of a lease, its holder cannot know.
     */
    public void holdAnswers() {
        faultyConnection.hold();
    }

    /** Lets the answers through that were held back, in their order, and those that follow; watches and leases fare as in {@link #reconnect()}. */
    public void releaseAnswers() {
        faultyConnection.release();
    }

    /** Applies the next transaction but loses its answer: it fails with {@link UnavailableException}, {@link Outcome#UNKNOWN}. May be called several times. */
    public void loseNextAnswer() {
        faultyConnection.arm(OneTimeFault.LOSE_ANSWER, 1);
    }

    /** Loses the next transaction on its way to the store: it fails just as after {@link #loseNextAnswer()}, but is not applied. May be called several times. */
    public void dropNextRequest() {
        faultyConnection.arm(OneTimeFault.DROP_REQUEST, 1);
    }

    /** Refuses the next operation, of any kind: it fails with {@link UnavailableException}, {@link Outcome#NOT_APPLIED}, and may be retried. */
    public void refuseNext() {
        refuseNext(1);
    }

    /**
     * Refuses the next operations, as {@link #refuseNext()} does one.
     *
     * @throws IllegalArgumentException if {@code operations} is negative
     */
    public void refuseNext(int operations) {
        if (operations < 0) {
            throw new IllegalArgumentException("Operations cannot be refused " + operations + " times.");
        }
        faultyConnection.arm(OneTimeFault.REFUSE, operations);
    }

    /**
     * Lets each operation reach the store this much later, so that one whose deadline passes meanwhile has an unknown outcome, and its
     * effect later. {@link Duration#ZERO} ends it for operations that begin afterwards.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public void delay(Duration delay) {
        faultyConnection.delay(checkDelay(delay), null);
    }

    /**
     * Lets each answer come back this much later, the effect having happened in time. {@link Duration#ZERO} ends it for answers that begin
     * afterwards.
     *
     * @throws IllegalArgumentException if {@code delay} is negative
     */
    public void delayAnswers(Duration delay) {
        faultyConnection.delay(null, checkDelay(delay));
    }

    /** Lets every lease of this handle expire now, as if its ttl had passed in silence: the holder learns it, then the entries go. */
    public void expireLeases() {
        presence.leases().forEach(HeldLease::expire);
    }

    /**
     * Lets one lease expire now; has no effect if it has ended.
     *
     * @throws IllegalArgumentException if it was granted by another handle
     */
    public void expire(Lease lease) {
        backend.own(requireNonNull(lease, "lease")).expire();
    }

    private static Duration checkDelay(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("A delay is never negative, but this one is " + delay + ".");
        }
        return delay;
    }
}
