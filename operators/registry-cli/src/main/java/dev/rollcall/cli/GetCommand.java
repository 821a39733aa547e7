package dev.rollcall.cli;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rollcall get}. */
@Command(name = "get", mixinStandardHelpOptions = true, description = "Shows one entry; exit code 1 if it is absent.")
final class GetCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(paramLabel = "KEY", description = "An absolute path, such as /a/b.")
    private Key key = Key.of("/-");

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            GetResult result = Futures.await(backend.get(key));
            if (result.entry().isEmpty()) {
                output.err()
                        .println("rollcall: The key '" + PlainText.of(key.path()) + "' does not exist on "
                                + backend.name() + ", at revision " + result.revision() + ".");
                return ExitCode.REFUSED;
            }
            if (output.isJson()) {
                output.json(node -> Entries.json(node, result.entry().get()));
            } else {
                output.table(Entries.HEADER, List.of(Entries.row(result.entry().get())));
            }
            return ExitCode.OK;
        }
    }
}
