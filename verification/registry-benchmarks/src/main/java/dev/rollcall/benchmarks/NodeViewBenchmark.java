package dev.rollcall.benchmarks;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reading a view of TiDB Binlog pumps, at rest and under change, and a write to one of them until the view has it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class NodeViewBenchmark {
    private static final AtomicLong STORES = new AtomicLong();

    /** How many nodes the view has. */
    @Param({"1000", "10000", "100000", "1000000"})
    public int nodes;

    private KvBackend backend;
    private NodeRegistry<NodeStatus> registry;
    private NodeView<NodeStatus> view;
    private String[] ids;
    private NodeStatus status;

    @Setup
    public void fill() throws InterruptedException {
        backend = KvBackends.open("inmemory:view-" + STORES.incrementAndGet());
        registry = NodeRegistry.tidbBinlog(backend);
        ids = new String[nodes];
        for (int i = 0; i < nodes; i++) {
            ids[i] = "pump-" + i + ":8250";
            registry.updateNode(
                    "pumps", ids[i], NodeStatus.builder(ids[i], "10.0.0.1:8250").build());
        }
        status = NodeStatus.builder(ids[0], "10.0.0.1:8250").build();
        view = registry.view("pumps");
        Futures.await(view.ready());
    }

    @TearDown
    public void close() {
        registry.close();
        backend.close();
    }

    /** Where a reader is: it strides through the nodes so that neighbours in time are not neighbours in the view. */
    @State(Scope.Thread)
    public static class Reader {
        private int next;

        private int next(int nodes) {
            next = (next + 7919) % nodes;
            return next;
        }
    }

    @Benchmark
    public @Nullable Node<NodeStatus> get(Reader reader) {
        return view.get(ids[reader.next(nodes)]);
    }

    /** The nodes of the view in a map that does not change. */
    @State(Scope.Benchmark)
    public static class PlainMap {
        private final Map<String, Node<NodeStatus>> members = new HashMap<>();

        @Setup
        public void fill(NodeViewBenchmark benchmark) {
            for (Node<NodeStatus> member : benchmark.view.nodes()) {
                members.put(member.nodeId(), member);
            }
        }
    }

    /** The yardstick of {@link #get}: what the processor's caches give for so many nodes. */
    @Benchmark
    public @Nullable Node<NodeStatus> hashMap(Reader reader, PlainMap map) {
        return map.members.get(ids[reader.next(nodes)]);
    }

    /** {@link #get} while another thread changes nodes as fast as the view follows. */
    @Benchmark
    @Group("underChange")
    public @Nullable Node<NodeStatus> reader(Reader reader) {
        return view.get(ids[reader.next(nodes)]);
    }

    @Benchmark
    @Group("underChange")
    public long writer() throws InterruptedException {
        return updateUntilViewed();
    }

    /** The price of reading one's own write from the view: the write, the watch's delivery and two changes of thread. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long updateUntilViewed() throws InterruptedException {
        long revision = registry.updateNode("pumps", ids[0], status);
        Futures.await(view.awaitRevision(revision));
        return revision;
    }
}
