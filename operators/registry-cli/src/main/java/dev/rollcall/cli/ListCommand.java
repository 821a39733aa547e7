package dev.rollcall.cli;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Shows every entry strictly below a directory, as of one revision.")
final class ListCommand implements Callable<Integer> {
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

    @Option(names = "--keys", description = "Without the values.")
    private boolean keysOnly;

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            if (keysOnly) {
                showKeys(Futures.await(backend.keys(directory)));
            } else {
                show(Futures.await(backend.list(directory)));
            }
            return ExitCode.OK;
        }
    }

    private void show(Snapshot snapshot) {
        if (output.isJson()) {
            snapshot.entries().forEach(entry -> output.json(node -> Entries.json(node, entry)));
            return;
        }
        if (snapshot.size() > 0) {
            output.table(
                    Entries.HEADER,
                    snapshot.entries().stream().map(Entries::row).toList());
        }
        output.line(count(snapshot.size()) + " below " + PlainText.of(directory.path()) + " at revision "
                + snapshot.revision());
    }

    private void showKeys(KeyListing listing) {
        for (Key key : listing.keys()) {
            if (output.isJson()) {
                output.json(node -> node.put("key", key.path()));
            } else {
                output.line(PlainText.of(key.path()));
            }
        }
    }

    private static String count(int entries) {
        return entries == 1 ? "1 entry" : entries + " entries";
    }
}
