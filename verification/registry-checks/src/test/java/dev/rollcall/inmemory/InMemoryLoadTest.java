package dev.rollcall.inmemory;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.load.LoadSuite;
import java.time.Duration;

class InMemoryLoadTest extends LoadSuite {
    @Override
    protected KvBackend open(String name) {
        return InMemoryStore.builder().build().open(Duration.ofMinutes(3));
    }

    @Override
    protected void hold(KvBackend handle) {
        ((InMemoryBackend) handle).faults().freeze();
    }

    @Override
    protected void flow(KvBackend handle) {
        ((InMemoryBackend) handle).faults().thaw();
    }
}
