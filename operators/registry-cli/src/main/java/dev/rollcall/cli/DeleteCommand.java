package dev.rollcall.cli;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall delete}. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = "Deletes an entry that must exist; exit code 1 if it does not.")
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(index = "0", paramLabel = "KEY", description = "An absolute path, such as /a/b.")
    private Key key = Key.of("/-");

    @Option(names = "--if-revision", paramLabel = "N", description = "Only if the key is at this revision.")
    private @Nullable Long revision;

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.open()) {
            Commit commit = Futures.await(revision == null ? backend.delete(key) : backend.delete(key, revision));
            Commits.show(output, key, "deleted", commit);
            store.noteIfFleeting();
            return ExitCode.OK;
        }
    }
}
