package dev.rollcall.cli;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Writes an entry that must be absent; exit code 1 if it exists.")
final class CreateCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private EntryArguments entry = new EntryArguments();

    @Override
    public Integer call() throws InterruptedException {
        Bytes bytes = entry.value();
        try (KvBackend backend = store.open()) {
            Commit commit = Futures.await(backend.create(entry.key, bytes));
            Commits.show(output, entry.key, "created", commit);
            store.noteIfFleeting();
            return ExitCode.OK;
        }
    }
}
