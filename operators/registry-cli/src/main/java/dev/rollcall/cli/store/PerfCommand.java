package dev.rollcall.cli.store;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.Progress;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall check perf}. */
@Command(
        name = "perf",
        mixinStandardHelpOptions = true,
        description = {
            "Measures reads, writes and how soon a watch tells of a write, on a directory of its own: first one at a time, which is what a single"
                    + " caller waits for, then many at a time, then 64 writes in one transaction, which cost the store's disks and members"
                    + " little more than one. Beside them, the round trip of the network alone: no client reads faster than that, and a write"
                    + " also waits for the store's disks and members.",
            "The load is small: at most 32,000 reads and writes of 100 bytes on 64 entries, which are leased and gone afterwards, also if this is"
                    + " killed. On etcd each write stays in its history until that is compacted."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall check perf", "  rollcall check perf --time 10s -o json"})
public final class PerfCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final int PARALLEL = 32;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "4s",
            description = "How long all of it may take, at most 60s. Default: ${DEFAULT-VALUE}")
    private Duration time = Duration.ofSeconds(4);

    @Override
    public Integer call() throws InterruptedException {
        if (time.compareTo(LONGEST) > 0) {
            throw new UsageException("The --time must be at most 60s, but is " + time.toSeconds() + "s.");
        }
        List<Load.Result> results = new ArrayList<>();
        try (KvBackend backend = store.open()) {
            Lease lease = Futures.await(backend.grantLease(LEASE));
            Directory directory = Directory.of("/rollcall-check-" + UUID.randomUUID());
            Duration part = time.dividedBy(7);
            Load load = new Load(backend, directory, lease, part);
            RoundTrips.to(store.url(), part).ifPresent(results::add);
            try (Progress progress = new Progress(output.err(), "measurements", 6)) {
                results.add(load.writes("write, one at a time", 1));
                progress.at(1);
                results.add(load.reads("read, one at a time", 1));
                progress.at(2);
                results.add(load.writes("write, " + PARALLEL + " at a time", PARALLEL));
                progress.at(3);
                results.add(load.reads("read, " + PARALLEL + " at a time", PARALLEL));
                progress.at(4);
                results.add(load.transactions("transaction of " + Limits.MAX_TXN_WRITES + " writes"));
                progress.at(5);
                results.add(load.watched("write seen by a watch"));
            }
            Futures.await(lease.revoke());
            show(backend, results);
        }
        store.noteIfFleeting();
        return ExitCode.OK;
    }

    private void show(KvBackend backend, List<Load.Result> results) {
        if (output.isJson()) {
            results.forEach(result -> output.json(node -> node.put("operation", result.name())
                    .put("count", result.count())
                    .put("perSecond", Math.round(result.perSecond()))
                    .put("p50Micros", result.micros(50))
                    .put("p99Micros", result.micros(99))
                    .put("maxMicros", result.micros(100))));
            return;
        }
        List<List<String>> rows = results.stream()
                .map(result -> List.of(
                        result.name(),
                        Integer.toString(result.count()),
                        Long.toString(Math.round(result.perSecond())),
                        millis(result.micros(50)),
                        millis(result.micros(99)),
                        millis(result.micros(100))))
                .toList();
        output.table(List.of("OPERATION", "COUNT", "PER SECOND", "MEDIAN MS", "99 % MS", "MAX MS"), rows);
        output.line("Measured on " + PlainText.of(backend.name())
                + " with the other load that it has; each line ran for a seventh of " + time.toMillis()
                + " ms at most.");
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.2f", micros / 1000.0);
    }
}
