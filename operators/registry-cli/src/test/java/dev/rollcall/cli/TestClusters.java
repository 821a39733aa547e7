package dev.rollcall.cli;

import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.ClusterProvider;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.TcpProxy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** Clusters without servers: {@code memory}, which is right, {@code lying}, and {@code broken}, which cannot be started. */
public final class TestClusters {
    private TestClusters() {}

    public static final class Memory implements ClusterProvider {
        @Override
        public String name() {
            return "memory";
        }

        @Override
        public Cluster start(Path directory) {
            return new MemoryCluster(handle -> handle);
        }
    }

    public static final class Lying implements ClusterProvider {
        @Override
        public String name() {
            return "lying";
        }

        @Override
        public Cluster start(Path directory) {
            return new MemoryCluster(TestClusters::lying);
        }
    }

    public static final class Broken implements ClusterProvider {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Cluster start(Path directory) {
            throw new IllegalStateException("Its servers are nowhere.");
        }
    }

    /** Finds nothing in every third read of what the clients of a round write. */
    private static KvBackend lying(KvBackend handle) {
        AtomicInteger reads = new AtomicInteger();
        return (KvBackend) Proxy.newProxyInstance(
                TestClusters.class.getClassLoader(), new Class<?>[] {KvBackend.class}, (proxy, method, arguments) -> {
                    Object answer;
                    try {
                        answer = method.invoke(handle, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    boolean lies = method.getName().equals("get")
                            && ((Key) arguments[0]).path().startsWith("/rounds/")
                            && reads.incrementAndGet() % 3 == 0;
                    return lies
                            ? ((CompletableFuture<?>) answer)
                                    .thenApply(found ->
                                            new GetResult((Key) arguments[0], null, ((GetResult) found).revision()))
                            : answer;
                });
    }

    private record SameStore(String name, TcpProxy link) implements Cluster.Member {
        @Override
        public boolean leads() {
            return name.equals("a");
        }

        @Override
        public void kill() {}

        @Override
        public void launch() {}

        @Override
        public void awaitReady() {}

        @Override
        public void pause() {}

        @Override
        public void resume() {}
    }

    private static final class MemoryCluster implements Cluster {
        private final String url = "inmemory:cluster-" + UUID.randomUUID();
        private final UnaryOperator<KvBackend> kind;
        private final List<SameStore> members = List.of(
                new SameStore("a", TcpProxy.to(FreePorts.find())), new SameStore("b", TcpProxy.to(FreePorts.find())));

        MemoryCluster(UnaryOperator<KvBackend> kind) {
            this.kind = kind;
        }

        @Override
        public String name() {
            return "memory, 2 members";
        }

        @Override
        public List<SameStore> members() {
            return members;
        }

        @Override
        public KvBackend open() {
            return kind.apply(KvBackends.open(url));
        }

        @Override
        public void close() {
            members.forEach(member -> member.link().close());
        }
    }
}
