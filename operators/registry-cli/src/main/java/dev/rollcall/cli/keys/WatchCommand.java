package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.Endless;
import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.Outage;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.Style;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
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

/** {@code rollcall watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what is below a directory and every change to it, until interrupted.",
            "With --exec, runs a command for each entry that is there and each change instead, one after the other, by sh. It finds"
                    + " ROLLCALL_EVENT (entry, put or delete), ROLLCALL_KEY, ROLLCALL_REVISION and, if it is text, ROLLCALL_VALUE in its"
                    + " environment and the value on its standard input. Changes that come faster than it runs are told of as what they"
                    + " come to. That it fails is said and ends nothing."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall watch /config",
            "  rollcall watch /config -o json | jq -c .",
            "  rollcall watch /config --exec 'echo $ROLLCALL_EVENT $ROLLCALL_KEY; systemctl reload app'"
        })
public final class WatchCommand implements Callable<Integer>, Endless {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

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

    @Option(names = "--exec", paramLabel = "CMD", description = "Run this for each entry and change; see above.")
    private @Nullable String command;

    @Override
    public Integer call() throws InterruptedException {
        if (signals <= 0) {
            throw new UsageException("The number of --signals must be positive, but is " + signals + ".");
        }
        if (command != null && output.isJson()) {
            throw new UsageException("With --exec nothing is shown but what the command prints; leave -o json out.");
        }
        ChangeCommand change = command == null ? null : new ChangeCommand(command, output);
        Printer printer = new Printer(change);
        int code;
        try (KvBackend backend = store.openToRead(output);
                Outage outage = new Outage(backend, output.err());
                Watch watch = backend.watch(
                        place.directory, after == null ? WatchStart.snapshot() : WatchStart.after(after), printer)) {
            code = outage.await(printer.done, time);
        } finally {
            if (change != null) {
                change.stop();
            }
        }
        if (printer.failure != null) {
            throw printer.failure;
        }
        return code;
    }

    /** Prints each signal as it comes, or runs the command for it. */
    private final class Printer implements WatchListener {
        private final @Nullable ChangeCommand change;
        private final CountDownLatch done = new CountDownLatch(1);
        private long seen;

        /** Why the watch ended by itself; written by the listener, read by the command. */
        private volatile @Nullable KvException failure;

        Printer(@Nullable ChangeCommand change) {
            this.change = change;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (done.getCount() == 0) {
                return;
            }
            if (signal instanceof Snapshot snapshot) {
                print("snapshot", place.directory.path(), snapshot.revision(), null);
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
            if (change != null) {
                run(change, kind, path, revision, entry);
            } else if (output.isJson()) {
                output.json(node -> {
                    node.put("event", kind).put("key", path).put("revision", revision);
                    if (entry != null) {
                        Entries.json(node, entry);
                    }
                });
            } else {
                String value = entry == null ? "" : "  " + Entries.shown(entry.value());
                output.line(String.format("%s  %8d  %s%s", styled(kind), revision, PlainText.of(path), value));
            }
        }

        private String styled(String kind) {
            String padded = String.format("%-8s", kind);
            return switch (kind) {
                case "put" -> output.styled(Style.GREEN, padded);
                case "delete" -> output.styled(Style.RED, padded);
                default -> padded;
            };
        }

        private void run(ChangeCommand changed, String kind, String path, long revision, @Nullable KeyValue entry) {
            if (kind.equals("snapshot") || done.getCount() == 0) {
                return;
            }
            try {
                changed.run(kind, path, revision, entry);
            } catch (InterruptedException e) {
                done.countDown();
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            failure = cause;
            done.countDown();
        }
    }
}
