package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Commits;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall update}. */
@Command(
        name = "update",
        mixinStandardHelpOptions = true,
        description = "Writes an entry that must exist; exit code 1 if it does not.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall update /config/rate 20",
            "  rollcall update /config/rate 20 --if-revision 7     only if nobody wrote it since"
        })
public final class UpdateCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private EntryArguments entry = new EntryArguments();

    @Option(names = "--if-revision", paramLabel = "N", description = "Only if the key is at this revision.")
    private @Nullable Long revision;

    @Override
    public Integer call() throws InterruptedException {
        Bytes bytes = entry.value(output);
        try (KvBackend backend = store.open()) {
            Commit commit = Futures.await(
                    revision == null ? backend.update(entry.key, bytes) : backend.update(entry.key, bytes, revision));
            Commits.show(output, entry.key, "updated", commit);
            store.noteIfFleeting();
            return ExitCode.OK;
        }
    }
}
