package dev.rollcall.cli;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Shows what is below a directory and every change to it, until interrupted.")
final class WatchCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "KEY",
            defaultValue = "/",
            description = "The directory: a path, or / for everything. Default: ${DEFAULT-VALUE}")
    private Directory directory = Directory.ROOT;

    @Option(names = "--after", paramLabel = "N", description = "Start after this revision instead of with a snapshot.")
    private @Nullable Long after;

    @Option(names = "--signals", paramLabel = "N", description = "End after this many signals.")
    private long signals = Long.MAX_VALUE;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "End after this time, such as 500ms, 10s or 1m.")
    private @Nullable Duration time;

    @Override
    public Integer call() throws InterruptedException {
        if (signals <= 0) {
            throw new UsageException("The number of --signals must be positive, but is " + signals + ".");
        }
        Printer printer = new Printer();
        int code;
        try (KvBackend backend = store.openToRead(output);
                Outage outage = new Outage(backend, output.err());
                Watch watch = backend.watch(
                        directory, after == null ? WatchStart.snapshot() : WatchStart.after(after), printer)) {
            code = outage.await(printer.done, time);
        }
        if (printer.failure != null) {
            throw printer.failure;
        }
        return code;
    }

    /** Prints each signal as it comes. */
    private final class Printer implements WatchListener {
        private final CountDownLatch done = new CountDownLatch(1);
        private long seen;

        /** Why the watch ended by itself; written by the listener, read by the command. */
        private volatile @Nullable KvException failure;

        @Override
        public void onSignal(WatchSignal signal) {
            if (done.getCount() == 0) {
                return;
            }
            if (signal instanceof Snapshot snapshot) {
                print("snapshot", directory.path(), snapshot.revision(), null);
                snapshot.entries().forEach(entry -> print("entry", entry.key().path(), entry.revision(), entry));
            } else if (signal instanceof Changes changes) {
                changes.changes().forEach(this::print);
            }
            if (++seen == signals || output.isLost()) {
                done.countDown();
            }
        }

        private void print(Change change) {
            KeyValue entry = change instanceof Change.Put put ? put.entry() : null;
            print(entry == null ? "delete" : "put", change.key().path(), change.revision(), entry);
        }

        private void print(String kind, String path, long revision, @Nullable KeyValue entry) {
            if (output.isJson()) {
                output.json(node -> {
                    node.put("event", kind).put("key", path).put("revision", revision);
                    if (entry != null) {
                        Entries.json(node, entry);
                    }
                });
            } else {
                String value = entry == null ? "" : "  " + Entries.shown(entry.value());
                output.line(String.format("%-8s  %8d  %s%s", kind, revision, PlainText.of(path), value));
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            failure = cause;
            done.countDown();
        }
    }
}
