package dev.rollcall.inmemory;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.TestStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Gives the kit stores in memory and every hook. */
public final class InMemoryFixture implements BackendFixture {
    private static final AtomicInteger STORES = new AtomicInteger();

    @Override
    public String name() {
        return "inmemory";
    }

    @Override
    public Set<Hook> hooks() {
        return EnumSet.allOf(Hook.class);
    }

    @Override
    public Duration leaseGrace() {
        return Duration.ofSeconds(1);
    }

    @Override
    public TestStore newStore() {
        return new Store();
    }

    private static final class Store implements TestStore {
        private final String name = "kit-" + STORES.incrementAndGet();
        private final ManualTime time = new ManualTime();
        private final InMemoryStore store = InMemoryStore.builder().time(time).build();
        private final List<InMemoryBackend> handles = new CopyOnWriteArrayList<>();
        /** What is wrong with the whole store now, and so with each new handle. */
        private volatile Consumer<Faults> trouble = faults -> {};

        @Override
        public KvBackend open() {
            return keep(store.open());
        }

        @Override
        public KvBackend open(Duration deadline) {
            return keep(store.open(deadline));
        }

        private KvBackend keep(InMemoryBackend handle) {
            handles.add(handle);
            trouble.accept(handle.faults());
            return handle;
        }

        private void all(Consumer<Faults> fault) {
            handles.forEach(handle -> fault.accept(handle.faults()));
        }

        @Override
        public boolean advance(Duration by) {
            time.advance(by);
            return true;
        }

        @Override
        public void cut(KvBackend handle) {
            ((InMemoryBackend) handle).faults().disconnect();
        }

        @Override
        public void heal(KvBackend handle) {
            ((InMemoryBackend) handle).faults().reconnect();
        }

        @Override
        public boolean holdAnswers(KvBackend handle) {
            ((InMemoryBackend) handle).faults().holdAnswers();
            return true;
        }

        @Override
        public void releaseAnswers(KvBackend handle) {
            ((InMemoryBackend) handle).faults().releaseAnswers();
        }

        @Override
        public OptionalInt connections(KvBackend handle) {
            return OptionalInt.of(handle.connection().state() == ConnectionState.CONNECTED ? 1 : 0);
        }

        @Override
        public Optional<String> url() {
            // Stores by URL go by the real clock, so this is another one; it is as good.
            return Optional.of("inmemory:" + name);
        }

        @Override
        public void loseNextAnswer(KvBackend handle) {
            ((InMemoryBackend) handle).faults().loseNextAnswer();
        }

        @Override
        public void dropNextRequest(KvBackend handle) {
            ((InMemoryBackend) handle).faults().dropNextRequest();
        }

        @Override
        public void expire(KvBackend holder, Lease lease) {
            ((InMemoryBackend) holder).faults().expire(lease);
        }

        @Override
        public void compact() {
            store.compact();
        }

        @Override
        public void pause() {
            trouble = Faults::freeze;
            all(trouble);
        }

        @Override
        public void resume() {
            trouble = faults -> {};
            all(Faults::thaw);
        }

        @Override
        public void kill() {
            trouble = Faults::disconnect;
            all(trouble);
        }

        @Override
        public void restart() {
            trouble = faults -> {};
            all(Faults::reconnect);
        }

        @Override
        public void close() {
            InMemoryStore.drop(name);
        }
    }
}
