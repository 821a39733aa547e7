package dev.rollcall.tck;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The test store of a backend that wraps another one: its handles are wrapped, and all faults happen to the wrapped store. A fixture for a wrapper
 * implements {@link #wrap} and {@link #unwrap}, and overrides what it does differently.
 */
public abstract class ForwardingTestStore implements TestStore {
    private final TestStore store;

    /** @param store the store of the wrapped backend */
    protected ForwardingTestStore(TestStore store) {
        this.store = requireNonNull(store, "store");
    }

    /** The handle to be tested, for one that the wrapped store has opened. */
    protected abstract KvBackend wrap(KvBackend handle);

    /** The handle that the wrapped store has opened, for one that {@link #wrap} has returned. */
    protected abstract KvBackend unwrap(KvBackend handle);

    /** The lease that the wrapped store has granted, for one of a handle that {@link #wrap} has returned; by default the same. */
    protected Lease unwrap(KvBackend holder, Lease lease) {
        return lease;
    }

    @Override
    public KvBackend open() {
        return wrap(store.open());
    }

    @Override
    public KvBackend open(Duration deadline) {
        return wrap(store.open(deadline));
    }

    @Override
    public boolean advance(Duration time) {
        return store.advance(time);
    }

    @Override
    public List<TcpProxy> proxies(KvBackend handle) {
        return store.proxies(unwrap(handle));
    }

    @Override
    public void cut(KvBackend handle) {
        store.cut(unwrap(handle));
    }

    @Override
    public void heal(KvBackend handle) {
        store.heal(unwrap(handle));
    }

    @Override
    public boolean holdAnswers(KvBackend handle) {
        return store.holdAnswers(unwrap(handle));
    }

    @Override
    public void releaseAnswers(KvBackend handle) {
        store.releaseAnswers(unwrap(handle));
    }

    @Override
    public OptionalInt connections(KvBackend handle) {
        return store.connections(unwrap(handle));
    }

    @Override
    public Optional<String> url() {
        return store.url();
    }

    @Override
    public void loseNextAnswer(KvBackend handle) {
        store.loseNextAnswer(unwrap(handle));
    }

    @Override
    public void dropNextRequest(KvBackend handle) {
        store.dropNextRequest(unwrap(handle));
    }

    @Override
    public void expire(KvBackend holder, Lease lease) {
        store.expire(unwrap(holder), unwrap(holder, lease));
    }

    @Override
    public void compact() {
        store.compact();
    }

    @Override
    public void pause() {
        store.pause();
    }

    @Override
    public void resume() {
        store.resume();
    }

    @Override
    public void kill() {
        store.kill();
    }

    @Override
    public void restart() {
        store.restart();
    }

    @Override
    public void close() {
        store.close();
    }
}
