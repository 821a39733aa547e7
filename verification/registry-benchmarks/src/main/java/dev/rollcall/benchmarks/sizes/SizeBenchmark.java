package dev.rollcall.benchmarks.sizes;

import dev.rollcall.benchmarks.results.Point;
import dev.rollcall.benchmarks.results.Results;
import dev.rollcall.benchmarks.results.Spread;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command: measures what keys, watches and entries of views weigh, and how long a view takes to load, without a server. */
@Command(
        name = "sizes",
        mixinStandardHelpOptions = true,
        description = "Measures the heap that keys, watches and view entries take, and how long a view takes to load.")
public final class SizeBenchmark implements Callable<Integer> {
    private static final String KIND = "pumps";
    private static final int VALUE_SIZE = 150;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "How often each is measured; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--count", defaultValue = "100000", description = "Keys, and nodes; default ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--watches", defaultValue = "10000", description = "Watches; default ${DEFAULT-VALUE}.")
    private int watches;

    @Option(
            names = "--neighbours",
            defaultValue = "20000",
            description = "Nodes of another kind beside a view of one; default ${DEFAULT-VALUE}.")
    private int neighbours;

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the figures as JSON.")
    private @Nullable Path json;

    private final List<Point> points = new ArrayList<>();

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SizeBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<Double> keys = new ArrayList<>();
        List<Double> watch = new ArrayList<>();
        List<Double> entries = new ArrayList<>();
        List<Double> load = new ArrayList<>();
        List<Double> besideByKind = new ArrayList<>();
        List<Double> besideInRoot = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double key = heapOfKey(round);
            double oneWatch = heapOfWatch(round);
            double[] view = view(round);
            double byKind = viewBesideNeighbours(round, NodeLayout.BY_KIND);
            double inRoot = viewBesideNeighbours(round, NodeLayout.TIDB_BINLOG);
            // The first one warms up.
            if (round > 0) {
                keys.add(key);
                watch.add(oneWatch);
                entries.add(view[0]);
                load.add(view[1]);
                besideByKind.add(byKind);
                besideInRoot.add(inRoot);
            }
        }
        add("in-memory key, with " + VALUE_SIZE + " bytes of value", count, "B", keys);
        add("in-memory watch", watches, "B", watch);
        add("view entry", count, "B", entries);
        add("view load", count, "ms", load);
        add("view load, one node beside others, by kind", neighbours, "ms", besideByKind);
        add("view load, one node beside others, in the root", neighbours, "ms", besideInRoot);
        if (json != null) {
            Results.ofPoints(points).write(json);
        }
        return 0;
    }

    private void add(String name, int size, String unit, List<Double> values) {
        points.add(new Point(name, size, unit, values));
        Spread spread = Spread.of(values);
        System.out.printf(
                Locale.ROOT,
                "%-46s of %7d %10.1f %-3s %.1f to %.1f%n",
                name,
                size,
                spread.median(),
                unit,
                spread.lowest(),
                spread.highest());
    }

    /** Of an entry of the store: the key, its value, and its part of the tree. */
    private double heapOfKey(int round) throws InterruptedException {
        try (KvBackend backend = KvBackends.open("inmemory:keys-" + round)) {
            backend.put(Key.of("/first"), Bytes.copyOf(new byte[VALUE_SIZE])).join();
            long before = LiveHeap.bytes();
            for (int i = 0; i < count; i++) {
                backend.put(Key.of("/keys/node-" + i), Bytes.copyOf(new byte[VALUE_SIZE]))
                        .join();
            }
            double each = (double) (LiveHeap.bytes() - before) / count;
            backend.get(Key.of("/first")).join();
            return each;
        }
    }

    /** Of a watch on a directory of its own. */
    private double heapOfWatch(int round) throws InterruptedException {
        try (KvBackend backend = KvBackends.open("inmemory:watches-" + round)) {
            backend.put(Key.of("/first"), Bytes.copyOf(new byte[VALUE_SIZE])).join();
            CountDownLatch opened = new CountDownLatch(watches);
            WatchListener listener = new WatchListener() {
                @Override
                public void onSignal(WatchSignal signal) {
                    opened.countDown();
                }

                @Override
                public void onEnd(@Nullable KvException cause) {}
            };
            long before = LiveHeap.bytes();
            for (int i = 0; i < watches; i++) {
                backend.watch(Directory.of("/watched/" + i), WatchStart.snapshot(), listener);
            }
            opened.await();
            return (double) (LiveHeap.bytes() - before) / watches;
        }
    }

    /** The heap of an entry of a view, its decoded value included, and the milliseconds until the view is ready. */
    private double[] view(int round) throws InterruptedException {
        try (KvBackend backend = KvBackends.open("inmemory:nodes-" + round);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend)) {
            for (int i = 0; i < count; i++) {
                String id = "pump-" + i + ":8250";
                registry.updateNode(
                        KIND, id, NodeStatus.builder(id, "10.0.0.1:8250").build());
            }
            long before = LiveHeap.bytes();
            long start = System.nanoTime();
            try (NodeView<NodeStatus> view = registry.view(KIND)) {
                Futures.await(view.ready());
                double millis = (System.nanoTime() - start) / 1e6;
                double each = (double) (LiveHeap.bytes() - before) / count;
                if (view.nodes().size() != count) {
                    throw new IllegalStateException(
                            "A view of " + count + " nodes had " + view.nodes().size() + ".");
                }
                return new double[] {each, millis};
            }
        }
    }

    /** The milliseconds until a view of the only node of a kind is ready, while another kind has many. */
    private double viewBesideNeighbours(int round, NodeLayout layout) throws InterruptedException {
        try (KvBackend backend = KvBackends.open("inmemory:beside-" + layout + "-" + round);
                NodeRegistry<NodeStatus> registry = NodeRegistry.builder(backend, NodeCodec.tidbBinlog())
                        .layout(layout)
                        .build()) {
            for (int i = 0; i < neighbours; i++) {
                registry.updateNode(
                        "drainers", "d-" + i, NodeStatus.builder("d-" + i, "h").build());
            }
            registry.updateNode(KIND, "p", NodeStatus.builder("p", "h").build());
            long start = System.nanoTime();
            try (NodeView<NodeStatus> view = registry.view(KIND)) {
                Futures.await(view.ready());
                return (System.nanoTime() - start) / 1e6;
            }
        }
    }
}
