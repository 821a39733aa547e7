package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall count}. */
@Command(
        name = "count",
        mixinStandardHelpOptions = true,
        description = "Shows how many entries are below a directory: a number, and nothing else.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall count /config", "  rollcall count -o json"})
public final class CountCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            KeyListing listing = Futures.await(backend.keys(place.directory));
            int count = listing.keys().size();
            if (count == 0) {
                store.noteIfRepeated(place.directory.path());
            }
            if (output.isJson()) {
                output.json(node -> node.put("directory", place.directory.path())
                        .put("count", count)
                        .put("revision", listing.revision()));
            } else {
                output.line(Integer.toString(count));
            }
            return ExitCode.OK;
        }
    }
}
