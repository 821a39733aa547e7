package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryFixture;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.TestStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/** Gives the kit one mutant, with every hook. */
final class MutantFixture implements BackendFixture {
    private final BackendFixture sane = new InMemoryFixture();
    private final String mutant;
    private final Supplier<Function<InMemoryBackend, Forwarding>> mutation;
    private final KvBackendProvider provider;

    MutantFixture(String mutant, Supplier<Function<InMemoryBackend, Forwarding>> mutation, KvBackendProvider provider) {
        this.mutant = mutant;
        this.mutation = mutation;
        this.provider = provider;
    }

    @Override
    public KvBackendProvider provider(String scheme) {
        return provider;
    }

    @Override
    public String name() {
        return "mutants/" + mutant.replace(' ', '-');
    }

    @Override
    public String threadMark() {
        return "inmemory";
    }

    @Override
    public Set<Hook> hooks() {
        return sane.hooks();
    }

    @Override
    public Duration leaseGrace() {
        return sane.leaseGrace();
    }

    @Override
    public TestStore newStore() {
        return new Store(sane.newStore());
    }

    private final class Store implements TestStore {
        private final TestStore store;
        private final Function<InMemoryBackend, Forwarding> mutate = mutation.get();

        Store(TestStore store) {
            this.store = store;
        }

        private final List<Forwarding> handles = new CopyOnWriteArrayList<>();

        private KvBackend mutate(KvBackend handle) {
            Forwarding mutant = mutate.apply((InMemoryBackend) handle);
            handles.add(mutant);
            return mutant;
        }

        private static KvBackend sane(KvBackend handle) {
            return ((Forwarding) handle).handle;
        }

        @Override
        public KvBackend open() {
            return mutate(store.open());
        }

        @Override
        public KvBackend open(Duration deadline) {
            return mutate(store.open(deadline));
        }

        @Override
        public boolean advance(Duration time) {
            boolean advanced = store.advance(time);
            handles.forEach(handle -> handle.passed(time));
            return advanced;
        }

        @Override
        public void cut(KvBackend handle) {
            store.cut(sane(handle));
            ((Forwarding) handle).cut();
        }

        @Override
        public void heal(KvBackend handle) {
            store.heal(sane(handle));
        }

        @Override
        public boolean holdAnswers(KvBackend handle) {
            boolean held = store.holdAnswers(sane(handle));
            ((Forwarding) handle).held();
            return held;
        }

        @Override
        public void releaseAnswers(KvBackend handle) {
            store.releaseAnswers(sane(handle));
            ((Forwarding) handle).released();
        }

        @Override
        public OptionalInt connections(KvBackend handle) {
            return OptionalInt.of(
                    store.connections(sane(handle)).orElseThrow() + ((Forwarding) handle).moreConnections());
        }

        @Override
        public Optional<String> url() {
            return store.url();
        }

        @Override
        public void loseNextAnswer(KvBackend handle) {
            store.loseNextAnswer(sane(handle));
        }

        @Override
        public void dropNextRequest(KvBackend handle) {
            store.dropNextRequest(sane(handle));
        }

        @Override
        public void expire(KvBackend holder, Lease lease) {
            ((Forwarding) holder).expiring(lease);
            store.expire(sane(holder), ((Forwarding) holder).known(lease));
            ((Forwarding) holder).expired(lease);
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
            handles.forEach(Forwarding::beforeKill);
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
}
