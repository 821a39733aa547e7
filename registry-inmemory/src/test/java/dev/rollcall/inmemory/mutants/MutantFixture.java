package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryFixture;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.ForwardingTestStore;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.TestStore;
import java.time.Duration;
import java.util.List;
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

    private final class Store extends ForwardingTestStore {
        private final Function<InMemoryBackend, Forwarding> mutate = mutation.get();
        private final List<Forwarding> handles = new CopyOnWriteArrayList<>();

        Store(TestStore store) {
            super(store);
        }

        @Override
        protected KvBackend wrap(KvBackend handle) {
            Forwarding mutant = mutate.apply((InMemoryBackend) handle);
            handles.add(mutant);
            return mutant;
        }

        @Override
        protected KvBackend unwrap(KvBackend handle) {
            return ((Forwarding) handle).handle;
        }

        @Override
        protected Lease unwrap(KvBackend holder, Lease lease) {
            return ((Forwarding) holder).known(lease);
        }

        @Override
        public boolean advance(Duration time) {
            boolean advanced = super.advance(time);
            handles.forEach(handle -> handle.passed(time));
            return advanced;
        }

        @Override
        public void cut(KvBackend handle) {
            super.cut(handle);
            ((Forwarding) handle).cut();
        }

        @Override
        public boolean holdAnswers(KvBackend handle) {
            boolean held = super.holdAnswers(handle);
            ((Forwarding) handle).held();
            return held;
        }

        @Override
        public void releaseAnswers(KvBackend handle) {
            super.releaseAnswers(handle);
            ((Forwarding) handle).released();
        }

        @Override
        public OptionalInt connections(KvBackend handle) {
            return OptionalInt.of(super.connections(handle).orElseThrow() + ((Forwarding) handle).moreConnections());
        }

        @Override
        public void expire(KvBackend holder, Lease lease) {
            ((Forwarding) holder).expiring(lease);
            super.expire(holder, lease);
            ((Forwarding) holder).expired(lease);
        }

        @Override
        public void kill() {
            handles.forEach(Forwarding::beforeKill);
            super.kill();
        }
    }
}
