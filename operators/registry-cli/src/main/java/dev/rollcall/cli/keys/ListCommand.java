package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Shows every entry strictly below a directory, as of one revision.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall list /config",
            "  rollcall list / --keys",
            "  rollcall list /config -o json | jq -r .value"
        })
public final class ListCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

    @Option(names = "--keys", description = "Without the values.")
    private boolean keysOnly;

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            if (keysOnly) {
                showKeys(Futures.await(backend.keys(place.directory)));
            } else {
                show(Futures.await(backend.list(place.directory)));
            }
            return ExitCode.OK;
        }
    }

    private void show(Snapshot snapshot) {
        if (snapshot.size() == 0) {
            store.noteIfRepeated(place.directory.path());
        }
        if (output.isJson()) {
            snapshot.entries().forEach(entry -> output.json(node -> Entries.json(node, entry)));
            return;
        }
        if (snapshot.size() > 0) {
            output.table(
                    Entries.HEADER,
                    snapshot.entries().stream().map(Entries::row).toList());
        }
        output.line(Counts.entries(snapshot.size()) + " below " + PlainText.of(place.directory.path()) + " at revision "
                + snapshot.revision());
    }

    private void showKeys(KeyListing listing) {
        if (listing.keys().isEmpty()) {
            store.noteIfRepeated(place.directory.path());
        }
        for (Key key : listing.keys()) {
            if (output.isJson()) {
                output.json(node -> node.put("key", key.path()));
            } else {
                output.line(PlainText.of(key.path()));
            }
        }
    }
}
