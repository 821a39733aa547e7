package dev.rollcall.registry;

import dev.rollcall.inmemory.Faults;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The store in memory, by a clock that the test moves. */
public final class InMemoryRegistryStore implements RegistryStore {
    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();
    private final List<KvBackend> opened = new CopyOnWriteArrayList<>();

    @Override
    public KvBackend open() {
        KvBackend handle = store.open();
        opened.add(handle);
        return handle;
    }

    @Override
    public TimeSource time() {
        return time;
    }

    @Override
    public void advance(Duration by) {
        time.advance(by);
    }

    private static Faults faults(KvBackend handle) {
        return ((InMemoryBackend) handle).faults();
    }

    @Override
    public void cut(KvBackend handle) {
        faults(handle).disconnect();
    }

    @Override
    public void heal(KvBackend handle) {
        faults(handle).reconnect();
    }

    @Override
    public void loseNextAnswer(KvBackend handle) {
        faults(handle).loseNextAnswer();
    }

    @Override
    public void dropNextRequest(KvBackend handle) {
        faults(handle).dropNextRequest();
    }

    @Override
    public void expireLeases(KvBackend handle) {
        faults(handle).expireLeases();
    }

    @Override
    public void pause(KvBackend handle) {
        faults(handle).freeze();
    }

    @Override
    public void resume(KvBackend handle) {
        faults(handle).thaw();
    }

    @Override
    public void restart() {
        opened.forEach(this::cut);
        opened.forEach(this::heal);
    }

    @Override
    public void compact() {
        store.compact();
    }

    @Override
    public void close() {
        opened.forEach(KvBackend::close);
    }
}
