package dev.rollcall.micrometer;

import dev.rollcall.inmemory.InMemoryFixture;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.KvBackendTck;
import dev.rollcall.tck.TestStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
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

        private final class Store implements TestStore {
            private final TestStore plain;
            private final Map<KvBackend, KvBackend> handles = new ConcurrentHashMap<>();

            Store(TestStore plain) {
                this.plain = plain;
            }

            private KvBackend metered(KvBackend handle) {
                KvBackend metered = MeteredBackend.of(handle, meters);
                handles.put(metered, handle);
                return metered;
            }

            private KvBackend real(KvBackend metered) {
                return Objects.requireNonNull(handles.get(metered), "a handle of this store");
            }

            @Override
            public KvBackend open() {
                return metered(plain.open());
            }

            @Override
            public KvBackend open(Duration deadline) {
                return metered(plain.open(deadline));
            }

            @Override
            public boolean advance(Duration time) {
                return plain.advance(time);
            }

            @Override
            public void cut(KvBackend handle) {
                plain.cut(real(handle));
            }

            @Override
            public void heal(KvBackend handle) {
                plain.heal(real(handle));
            }

            @Override
            public void loseNextAnswer(KvBackend handle) {
                plain.loseNextAnswer(real(handle));
            }

            @Override
            public void dropNextRequest(KvBackend handle) {
                plain.dropNextRequest(real(handle));
            }

            @Override
            public void expire(KvBackend holder, Lease lease) {
                plain.expire(real(holder), lease);
            }

            @Override
            public void compact() {
                plain.compact();
            }

            @Override
            public void pause() {
                plain.pause();
            }

            @Override
            public void resume() {
                plain.resume();
            }

            @Override
            public void kill() {
                plain.kill();
            }

            @Override
            public void restart() {
                plain.restart();
            }

            @Override
            public void close() {
                plain.close();
            }
        }
    }
}
