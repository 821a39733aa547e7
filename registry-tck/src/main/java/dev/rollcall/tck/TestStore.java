package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.time.Duration;

/**
 * One empty store under test, and the ways to hurt it. A fault may be real (a proxy that is cut, a process that is stopped) or simulated;
 * the kit cannot tell. Only the methods of hooks named in {@link BackendFixture#hooks()} are called. Handles passed to hooks are those
 * that {@link #open} returned.
 */
public interface TestStore extends AutoCloseable {
    /** Opens a new handle, a client of its own, with operations that last at most {@link BackendFixture#deadline()}. */
    KvBackend open();

    /** Opens a handle whose operations may last this long, for tests that move much; by default the same as {@link #open()}. */
    default KvBackend open(Duration deadline) {
        return open();
    }

    /**
     * Lets time pass for the store and its handles, where their clock is virtual.
     *
     * @return false if time is real and can only be waited for
     */
    default boolean advance(Duration time) {
        return false;
    }

    /** {@link Hook#CUT}: breaks the handle's connection, in both directions, until {@link #heal}. */
    default void cut(KvBackend handle) {
        throw Hook.CUT.notGiven();
    }

    /** {@link Hook#CUT}: lets the handle reach the store again. */
    default void heal(KvBackend handle) {
        throw Hook.CUT.notGiven();
    }

    /** {@link Hook#LOSE_ANSWER}: the next write of the handle is applied and its answer lost; the connection may break as well, and can be made again. */
    default void loseNextAnswer(KvBackend handle) {
        throw Hook.LOSE_ANSWER.notGiven();
    }

    /** {@link Hook#DROP_REQUEST}: the next write of the handle does not reach the store; the connection may break as well, and can be made again. */
    default void dropNextRequest(KvBackend handle) {
        throw Hook.DROP_REQUEST.notGiven();
    }

    /** {@link Hook#EXPIRE_LEASE}: the store ends the lease as if its ttl had passed in silence, and returns when the entries are gone. */
    default void expire(KvBackend holder, Lease lease) {
        throw Hook.EXPIRE_LEASE.notGiven();
    }

    /** {@link Hook#COMPACT}: the store forgets every revision before the present one. */
    default void compact() {
        throw Hook.COMPACT.notGiven();
    }

    /** {@link Hook#PAUSE}: the store stops answering everybody, without closing a connection, until {@link #resume}. */
    default void pause() {
        throw Hook.PAUSE.notGiven();
    }

    /** {@link Hook#PAUSE}: the store goes on, with whatever has arrived meanwhile. */
    default void resume() {
        throw Hook.PAUSE.notGiven();
    }

    /** {@link Hook#RESTART}: kills the server, as {@code kill -9} does; nothing reaches it until {@link #restart}. */
    default void kill() {
        throw Hook.RESTART.notGiven();
    }

    /** {@link Hook#RESTART}: starts the server on the data that it had acknowledged. */
    default void restart() {
        throw Hook.RESTART.notGiven();
    }

    /** Removes what the test left behind; all handles have been closed. */
    @Override
    void close();
}
