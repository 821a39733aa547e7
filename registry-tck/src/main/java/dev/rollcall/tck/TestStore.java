package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One empty store under test, and the faults that it can have. A fault may be real (a proxy that breaks connections, a process that is stopped) or
 * simulated; the kit cannot tell. Only the methods of hooks named in {@link BackendFixture#hooks()} are called. Handles passed to hooks are those that
 * {@link #open} returned.
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

    /**
     * The proxies by which the handle reaches the store, all of them; empty if it uses others or none. Cutting, late answers and the number of
     * connections then need no method of the fixture's own.
     */
    default List<TcpProxy> proxies(KvBackend handle) {
        return List.of();
    }

    /** {@link Hook#CUT}: breaks the handle's connection, in both directions, until {@link #heal}. By default, at its {@link #proxies}. */
    default void cut(KvBackend handle) {
        if (proxies(handle).isEmpty()) {
            throw Hook.CUT.notGiven();
        }
        // First no new ones, or the client would be back before the last is broken.
        proxies(handle).forEach(TcpProxy::refuse);
        proxies(handle).forEach(TcpProxy::cut);
    }

    /** {@link Hook#CUT}: lets the handle reach the store again. By default, at its {@link #proxies}. */
    default void heal(KvBackend handle) {
        if (proxies(handle).isEmpty()) {
            throw Hook.CUT.notGiven();
        }
        proxies(handle).forEach(TcpProxy::accept);
    }

    /**
     * Late answers: from now on the handle gets no answer from the store, which hears all that it asks and does it at once; no connection breaks. What
     * the store has said meanwhile arrives, in its order, with {@link #releaseAnswers}. By default, at the handle's {@link #proxies}.
     *
     * @return false if this store cannot do that; then nothing about late answers is judged
     */
    default boolean holdAnswers(KvBackend handle) {
        List<TcpProxy> proxies = proxies(handle);
        proxies.forEach(proxy -> proxy.stall(Direction.REPLIES));
        return !proxies.isEmpty();
    }

    /** Ends {@link #holdAnswers}. By default, at the handle's {@link #proxies}. */
    default void releaseAnswers(KvBackend handle) {
        proxies(handle).forEach(TcpProxy::flow);
    }

    /**
     * How many connections of this handle the store sees, also once it is closed; empty if that cannot be told, and then connections that are left behind
     * are not judged. By default, those that are open at the handle's {@link #proxies}.
     */
    default OptionalInt connections(KvBackend handle) {
        List<TcpProxy> proxies = proxies(handle);
        return proxies.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(proxies.stream().mapToInt(TcpProxy::clients).sum());
    }

    /**
     * A URL by which {@link BackendFixture#provider} opens handles on this store, or one that is as good; empty if the backend is not opened by URL, or
     * not here. Without it the rules about URLs do not apply.
     */
    default Optional<String> url() {
        return Optional.empty();
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
