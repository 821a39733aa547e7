package dev.rollcall.benchmarks.stores;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command: measures ours beside raw clients on servers that run already. */
@Command(
        name = "stores",
        mixinStandardHelpOptions = true,
        description =
                "Measures Rollcall beside the raw clients of etcd and ZooKeeper, in turn against the same server.")
public final class StoreBenchmark implements Callable<Integer> {
    @Option(names = "--etcd", paramLabel = "HOST:PORT", description = "An etcd server with nothing on it.")
    private @Nullable String etcd;

    @Option(names = "--zookeeper", paramLabel = "HOST:PORT", description = "A ZooKeeper server with nothing on it.")
    private @Nullable String zookeeper;

    @Option(names = "--json", paramLabel = "FILE", description = "Where to write the figures as JSON.")
    private @Nullable Path json;

    @Mixin
    private final Plan plan = new Plan();

    private final Report report = new Report(System.out);

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new StoreBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (etcd != null) {
            besideJetcd(etcd);
        }
        if (zookeeper != null) {
            try (RollcallContender ours =
                    new RollcallContender("rollcall", "zookeeper://" + zookeeper + "/ours?timeout=60s")) {
                besideZooKeeper(zookeeper, ours);
                besideCurator(zookeeper, ours);
            }
        }
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private void besideJetcd(String address) throws Exception {
        try (RollcallContender ours = new RollcallContender("rollcall", "etcd://" + address + "/ours?timeout=60s");
                JetcdContender raw = new JetcdContender(address, "/raw")) {
            Scenarios scenarios = scenarios("etcd", ours, raw);
            scenarios.reads();
            scenarios.writes();
            scenarios.packed(raw::packed);
            scenarios.lists();
            scenarios.watch();
            scenarios.manyWatches();
            scenarios.leases(ours.leases(), raw.leases());
        }
    }

    /** Writes and watches do not depend on how fresh reads are, so one of the three is enough for those. */
    private void besideZooKeeper(String address, RollcallContender ours) throws Exception {
        for (ZooKeeperContender.Freshness freshness : ZooKeeperContender.Freshness.values()) {
            try (ZooKeeperContender raw = new ZooKeeperContender(address, "/raw-" + freshness, freshness)) {
                Scenarios scenarios = scenarios("zookeeper", ours, raw);
                scenarios.reads();
                if (freshness == ZooKeeperContender.Freshness.BARRIER) {
                    scenarios.writes();
                    scenarios.packed(raw::packed);
                    scenarios.lists();
                    scenarios.watch();
                    scenarios.manyWatches();
                    scenarios.leases(ours.leases(), raw.leases());
                }
            }
        }
    }

    private void besideCurator(String address, RollcallContender ours) throws Exception {
        try (CuratorContender raw = new CuratorContender(address, "/curator")) {
            Scenarios scenarios = scenarios("zookeeper", ours, raw);
            scenarios.reads();
            scenarios.writes();
            scenarios.lists();
            scenarios.watch();
            scenarios.manyWatches();
        }
    }

    private Scenarios scenarios(String store, Contender ours, Contender raw) {
        return new Scenarios(new Duel(store, report, plan), plan, ours, raw);
    }
}
