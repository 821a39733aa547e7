package dev.rollcall.micrometer;

import dev.rollcall.inmemory.InMemoryFixture;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.ForwardingTestStore;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.KvBackendTck;
import dev.rollcall.tck.TestStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The whole kit against a store in memory that is measured: what is measured keeps the contract. */
class MeteredTckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new MeteredFixture();
    }

    private static final class MeteredFixture implements BackendFixture {
        private final BackendFixture plain = new InMemoryFixture();
        private final MeterRegistry meters = new SimpleMeterRegistry();

        @Override
        public String name() {
            return "inmemory-metered";
        }

        @Override
        public String threadMark() {
            return plain.threadMark();
        }

        @Override
        public Set<Hook> hooks() {
            return plain.hooks();
        }

        @Override
        public Duration leaseGrace() {
            return plain.leaseGrace();
        }

        @Override
        public TestStore newStore() {
            return new Store(plain.newStore());
        }

        private final class Store extends ForwardingTestStore {
            private final Map<KvBackend, KvBackend> handles = new ConcurrentHashMap<>();

            Store(TestStore plain) {
                super(plain);
            }

            @Override
            protected KvBackend wrap(KvBackend handle) {
                KvBackend metered = MeteredBackend.of(handle, meters);
                handles.put(metered, handle);
                return metered;
            }

            @Override
            protected KvBackend unwrap(KvBackend metered) {
                return Objects.requireNonNull(handles.get(metered), "a handle of this store");
            }

            /** A URL opens the store without its meters. */
            @Override
            public Optional<String> url() {
                return Optional.empty();
            }
        }
    }
}
