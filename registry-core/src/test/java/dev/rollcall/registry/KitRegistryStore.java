package dev.rollcall.registry;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.ForwardingBackend;
import dev.rollcall.kv.support.SystemTime;
import dev.rollcall.tck.TestStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A store of the test kit, on real servers, where time passes by itself. */
public final class KitRegistryStore implements RegistryStore {
    private final TestStore store;
    private final TimeSource time = new SystemTime("registry-store-timer");
    private final List<Handle> opened = new CopyOnWriteArrayList<>();

    public KitRegistryStore(TestStore store) {
        this.store = store;
    }

    private static final class Handle extends ForwardingBackend {
        private final KvBackend real;
        private final List<Lease> leases = new CopyOnWriteArrayList<>();

        Handle(KvBackend real) {
            super(real);
            this.real = real;
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return super.grantLease(ttl).thenApply(lease -> {
                leases.add(lease);
                return lease;
            });
        }
    }

    private static KvBackend real(KvBackend handle) {
        return ((Handle) handle).real;
    }

    @Override
    public KvBackend open() {
        Handle handle = new Handle(store.open());
        opened.add(handle);
        return handle;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public void advance(Duration by) {
        // Whoever waits for something looks again and again, and meanwhile it passes.
    }

    @Override
    public void cut(KvBackend handle) {
        store.cut(real(handle));
    }

    @Override
    public void heal(KvBackend handle) {
        store.heal(real(handle));
    }

    @Override
    public void loseNextAnswer(KvBackend handle) {
        store.loseNextAnswer(real(handle));
    }

    @Override
    public void dropNextRequest(KvBackend handle) {
        store.dropNextRequest(real(handle));
    }

    @Override
    public void expireLeases(KvBackend handle) {
        for (Lease lease : ((Handle) handle).leases) {
            if (lease.isHeld()) {
                store.expire(real(handle), lease);
            }
        }
    }

    @Override
    public void pause(KvBackend handle) {
        store.pause();
    }

    @Override
    public void resume(KvBackend handle) {
        store.resume();
    }

    @Override
    public void restart() {
        store.kill();
        store.restart();
    }

    @Override
    public void compact() {
        store.compact();
    }

    @Override
    public void close() {
        opened.forEach(KvBackend::close);
        store.close();
    }
}
