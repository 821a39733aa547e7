package dev.rollcall.cli;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rollcall put}. */
@Command(name = "put", mixinStandardHelpOptions = true, description = "Writes an entry, present or not.")
final class PutCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(index = "0", paramLabel = "KEY", description = "An absolute path, such as /a/b.")
    private Key key = Key.of("/-");

    @Mixin
    private ValueArgument value = new ValueArgument();

    @Override
    public Integer call() throws InterruptedException {
        Bytes bytes = value.read();
        try (KvBackend backend = store.open()) {
            Commit commit = Futures.await(backend.put(key, bytes));
            Commits.show(output, key, "written", commit);
            return ExitCode.OK;
        }
    }
}
