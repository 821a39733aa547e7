package dev.rollcall.zookeeper;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
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
import java.util.stream.Collectors;

/** Real servers for the whole kit; each handle reaches them through proxies of its own, so that every fault is a real one. */
final class ZooKeeperFixture implements BackendFixture {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final String name;
    private final ZooKeeperServers servers;
    private final AtomicInteger stores = new AtomicInteger();

    ZooKeeperFixture(String name, ZooKeeperServers servers) {
        this.name = name;
        this.servers = servers;
        warmUp();
    }

    /** A server just started takes seconds for its first sessions on a busy machine; that is not what the kit is to judge. */
    private void warmUp() {
        for (ZooKeeperServer member : servers.members()) {
            String url = "zookeeper://" + member.address() + "/warm?sessionTimeout=30s&timeout=50s";
            try (KvBackend handle = KvBackends.open(url)) {
                Lease lease = Await.result(handle.grantLease(Duration.ofSeconds(10)));
                Await.result(handle.put(Key.of("/k"), Bytes.EMPTY, lease));
                Await.result(handle.list(Directory.ROOT));
                Await.result(lease.revoke());
            }
        }
    }

    /** Where a server is, for those who go there without a proxy. */
    String address() {
        return servers.members().get(0).address();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String threadMark() {
        return "rollcall-zookeeper-";
    }

    @Override
    public boolean isIoThread(Thread thread) {
        return thread.getName().contains("-SendThread") || thread.getName().contains("-EventThread");
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
        return new ZooKeeperContext("/tck/s" + stores.incrementAndGet());
    }

    @Override
    public void close() {
        servers.close();
    }

    private record Line(List<TcpProxy> proxies, AtomicReference<WriteTap.Order> order) {}

    private final class ZooKeeperContext implements TestStore {
        private final String root;
        private final Map<KvBackend, Line> lines = new ConcurrentHashMap<>();
        private volatile boolean paused;
        private volatile boolean killed;
        private volatile boolean large;

        ZooKeeperContext(String root) {
            this.root = root;
        }

        @Override
        public KvBackend open() {
            return connect(DEADLINE, "4s");
        }

        @Override
        public KvBackend open(Duration deadline) {
            large = true;
            // What moves much keeps a small machine busy for longer than a short session takes to give its server up.
            return connect(deadline, "30s");
        }

        private KvBackend connect(Duration deadline, String sessionTimeout) {
            AtomicReference<WriteTap.Order> order = new AtomicReference<>();
            List<TcpProxy> proxies = servers.members().stream()
                    .map(member -> TcpProxy.to(member.port()))
                    .toList();
            proxies.forEach(proxy -> proxy.tap(() -> new WriteTap(order, root + "/")));
            String hosts = proxies.stream().map(TcpProxy::address).collect(Collectors.joining(","));
            KvBackend handle = KvBackends.open("zookeeper://" + hosts + root + "?sessionTimeout=" + sessionTimeout
                    + "&timeout=" + deadline.toMillis() + "ms");
            lines.put(handle, new Line(proxies, order));
            return handle;
        }

        private Line line(KvBackend handle) {
            return Objects.requireNonNull(lines.get(handle), "a handle of this store");
        }

        @Override
        public List<TcpProxy> proxies(KvBackend handle) {
            return line(handle).proxies();
        }

        @Override
        public Optional<String> url() {
            return Optional.of(
                    "zookeeper://" + address() + root + "?sessionTimeout=4s&timeout=" + DEADLINE.toMillis() + "ms");
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
            SessionThief.end(servers.members().get(0).address(), lease);
        }

        @Override
        public void compact() {
            // There is no history to forget: ZooKeeper only ever knows the present.
        }

        @Override
        public void pause() {
            paused = true;
            servers.pause();
        }

        @Override
        public void resume() {
            servers.resume();
            paused = false;
        }

        @Override
        public void kill() {
            killed = true;
            servers.kill();
        }

        @Override
        public void restart() {
            servers.start();
            killed = false;
        }

        @Override
        public void close() {
            lines.values().forEach(line -> line.proxies().forEach(TcpProxy::close));
            // A test that failed midway must not take the servers from all those after it.
            if (paused) {
                servers.resume();
            }
            if (killed) {
                servers.kill();
                servers.start();
            }
            if (large) {
                // What such a test leaves would be read and written again by every restart after it.
                Leftovers.remove(servers.members().get(0).address(), root);
                Leftovers.remove(servers.members().get(0).address(), root + Layout.OWN_SUFFIX);
            }
        }
    }
}
