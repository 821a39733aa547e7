package dev.rollcall.benchmarks.stores;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command: measures ours beside raw clients on servers that run already. */
@Command(
        name = "stores",
        mixinStandardHelpOptions = true,
        description =
                "Measures Rollcall beside the raw clients of etcd and ZooKeeper, in turn against the same server.")
public final class StoreBenchmark implements Callable<Integer> {
    private static final int KEYS = 10_000;
    private static final int IN_FLIGHT = 256;
    private static final byte[] VALUE = new byte[150];

    @Option(names = "--etcd", paramLabel = "HOST:PORT", description = "An etcd server with nothing on it.")
    private @Nullable String etcd;

    @Option(names = "--zookeeper", paramLabel = "HOST:PORT", description = "A ZooKeeper server with nothing on it.")
    private @Nullable String zookeeper;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "How often each is measured; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--operations", defaultValue = "20000", description = "Of a busy round; default ${DEFAULT-VALUE}.")
    private int operations;

    @Option(names = "--only", description = "Only scenarios whose name contains this.")
    private String only = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the figures as JSON.")
    private @Nullable Path json;

    private final Report report = new Report(System.out);

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new StoreBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (etcd != null) {
            try (Contender ours = new RollcallContender("rollcall", "etcd://" + etcd + "/ours?timeout=60s");
                    Contender raw = new JetcdContender(etcd, "/raw")) {
                compare("etcd", ours, raw);
            }
        }
        if (zookeeper != null) {
            for (ZooKeeperContender.Freshness freshness : ZooKeeperContender.Freshness.values()) {
                String name = freshness.name().toLowerCase(Locale.ROOT);
                try (Contender ours = new RollcallContender(
                                "rollcall", "zookeeper://" + zookeeper + "/ours-" + name + "?timeout=60s");
                        Contender raw = new ZooKeeperContender(zookeeper, "/raw-" + name, freshness)) {
                    compare("zookeeper", ours, raw);
                }
            }
        }
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private void compare(String store, Contender ours, Contender raw) throws Exception {
        Arrays.fill(VALUE, (byte) 'v');
        ours.fill(KEYS, VALUE);
        raw.fill(KEYS, VALUE);
        Duel duel = new Duel(store, ours, raw);
        duel.idle("get", contender -> contender::get);
        duel.idle("put", contender -> key -> contender.put(key, VALUE));
        duel.idle("compare-and-set", contender -> key -> contender.compareAndSet(key, VALUE));
        duel.busy("get", contender -> contender::get);
        duel.busy("put", contender -> key -> contender.put(key, VALUE));
        duel.busy("compare-and-set", contender -> key -> contender.compareAndSet(key, VALUE));
        duel.busy("90 % get, 10 % put", contender -> key -> mixed(contender, key));
        duel.timed("list of " + KEYS, "ms", 1e3, Contender::list);
        duel.timed(KEYS + " writes until a watch has them", "s", 1, StoreBenchmark::observed);
    }

    private static CompletableFuture<?> mixed(Contender contender, int key) {
        return key % 10 == 0 ? contender.put(key, VALUE) : contender.get(key);
    }

    private static int observed(Contender contender) throws Exception {
        try (Contender.Observation observation = contender.observe()) {
            Load.run(KEYS, IN_FLIGHT, key -> contender.put(key, VALUE));
            observation.awaitAll();
        }
        return KEYS;
    }

    /** An operation of a contender, by the number of the key. */
    private interface Scenario {
        IntFunction<CompletableFuture<?>> of(Contender contender);
    }

    /** Something that a contender does as a whole. */
    private interface Job {
        int run(Contender contender) throws Exception;
    }

    /** Two contenders, who take turns. */
    private final class Duel {
        private final String store;
        private final Contender ours;
        private final Contender raw;

        Duel(String store, Contender ours, Contender raw) {
            this.store = store;
            this.ours = ours;
            this.raw = raw;
        }

        void idle(String operation, Scenario scenario) throws Exception {
            String name = "idle " + operation;
            if (!name.contains(only)) {
                return;
            }
            int count = Math.max(500, operations / 20);
            List<List<Double>> medians = List.of(new ArrayList<>(), new ArrayList<>());
            List<List<Double>> tails = List.of(new ArrayList<>(), new ArrayList<>());
            for (int round = -1; round < rounds; round++) {
                for (int side = 0; side < 2; side++) {
                    long[] times = Load.oneByOne(count, scenario.of(side == 0 ? ours : raw));
                    if (round >= 0) {
                        medians.get(side).add(times[count / 2] / 1e6);
                        tails.get(side).add(times[count * 99 / 100] / 1e6);
                    }
                }
            }
            report.add(new Report.Row(store, name + ", p50", "ms", raw.name(), medians.get(0), medians.get(1)));
            report.add(new Report.Row(store, name + ", p99", "ms", raw.name(), tails.get(0), tails.get(1)));
        }

        void busy(String operation, Scenario scenario) throws Exception {
            String name = "busy " + operation;
            if (!name.contains(only)) {
                return;
            }
            List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>());
            for (int round = -1; round < rounds; round++) {
                for (int side = 0; side < 2; side++) {
                    IntFunction<CompletableFuture<?>> operationOf = scenario.of(side == 0 ? ours : raw);
                    double seconds = Load.run(operations, IN_FLIGHT, i -> operationOf.apply(i % KEYS));
                    if (round >= 0) {
                        rates.get(side).add(operations / seconds / 1e3);
                    }
                }
            }
            report.add(new Report.Row(store, name, "k/s", raw.name(), rates.get(0), rates.get(1)));
        }

        void timed(String name, String unit, double factor, Job job) throws Exception {
            if (!name.contains(only)) {
                return;
            }
            List<List<Double>> times = List.of(new ArrayList<>(), new ArrayList<>());
            for (int round = -1; round < rounds; round++) {
                for (int side = 0; side < 2; side++) {
                    long start = System.nanoTime();
                    int count = job.run(side == 0 ? ours : raw);
                    double seconds = (System.nanoTime() - start) / 1e9;
                    if (count != KEYS) {
                        throw new IllegalStateException(name + " had " + count + " entries instead of " + KEYS + ".");
                    }
                    if (round >= 0) {
                        times.get(side).add(seconds * factor);
                    }
                }
            }
            report.add(new Report.Row(store, name, unit, raw.name(), times.get(0), times.get(1)));
        }
    }
}
