package dev.rollcall.etcd;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.TestStore;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** One real server for the whole kit; each handle reaches it through a proxy of its own, so that every fault is a real one. */
final class EtcdFixture implements BackendFixture {
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    private final EtcdBinary binary;
    private final EtcdServer server;
    private final AtomicInteger stores = new AtomicInteger();

    EtcdFixture(EtcdBinary binary) {
        this.binary = binary;
        // Elections as on a fast network, which also make for short leases.
        this.server = EtcdServer.start(binary, "--heartbeat-interval=50", "--election-timeout=500");
    }

    /** Where the server is, for those who go there without a proxy. */
    String address() {
        return server.address();
    }

    @Override
    public String name() {
        return "etcd-" + binary.version();
    }

    @Override
    public String threadMark() {
        return "rollcall-etcd-";
    }

    @Override
    public boolean isIoThread(Thread thread) {
        return thread.getName().startsWith("rollcall-etcd-io-");
    }

    @Override
    public Duration deadline() {
        return DEADLINE;
    }

    @Override
    public Set<Hook> hooks() {
        return EnumSet.allOf(Hook.class);
    }

    @Override
    public TestStore newStore() {
        return new Store("/tck/" + stores.incrementAndGet());
    }

    @Override
    public void close() {
        server.close();
    }

    private record Line(TcpProxy proxy, AtomicReference<WriteTap.Order> order) {}

    private final class Store implements TestStore {
        private final String prefix;
        private final Map<KvBackend, Line> lines = new ConcurrentHashMap<>();

        Store(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public KvBackend open() {
            return open(DEADLINE);
        }

        @Override
        public KvBackend open(Duration deadline) {
            TcpProxy proxy = TcpProxy.to(server.port());
            AtomicReference<WriteTap.Order> order = new AtomicReference<>();
            proxy.tap(() -> new WriteTap(order));
            KvBackend handle =
                    KvBackends.open("etcd://" + proxy.address() + prefix + "?timeout=" + deadline.toMillis() + "ms");
            lines.put(handle, new Line(proxy, order));
            return handle;
        }

        private Line line(KvBackend handle) {
            return Objects.requireNonNull(lines.get(handle), "a handle of this store");
        }

        @Override
        public List<TcpProxy> proxies(KvBackend handle) {
            return List.of(line(handle).proxy());
        }

        @Override
        public Optional<String> url() {
            return Optional.of("etcd://" + server.address() + prefix + "?timeout=" + DEADLINE.toMillis() + "ms");
        }

        @Override
        public void loseNextAnswer(KvBackend handle) {
            line(handle).order().set(WriteTap.Order.LOSE_ANSWER);
        }

        @Override
        public void dropNextRequest(KvBackend handle) {
            line(handle).order().set(WriteTap.Order.DROP_REQUEST);
        }

        @Override
        public void expire(KvBackend holder, Lease lease) {
            server.admin().revoke(lease.id());
        }

        @Override
        public void compact() {
            server.admin().compact(server.admin().revision());
        }

        @Override
        public void pause() {
            server.process().pause();
        }

        @Override
        public void resume() {
            server.process().resume();
        }

        @Override
        public void kill() {
            server.process().kill();
        }

        @Override
        public void restart() {
            server.restart();
        }

        @Override
        public void close() {
            lines.values().forEach(line -> line.proxy().close());
        }
    }
}
