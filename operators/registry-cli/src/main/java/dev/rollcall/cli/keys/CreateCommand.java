package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Commits;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Writes an entry that must be absent; exit code 1 if it exists.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall create /config/rate 10", "  rollcall create /owner \"$(hostname)\" --hold --ttl 5s"})
public final class CreateCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private EntryArguments entry = new EntryArguments();

    @Mixin
    private Holding holding = new Holding();

    @Override
    public Integer call() throws InterruptedException {
        Bytes bytes = entry.value();
        boolean hold = holding.isWanted();
        try (KvBackend backend = store.open()) {
            Lease lease = hold ? holding.grant(backend) : null;
            Commit commit = Futures.await(
                    lease == null ? backend.create(entry.key, bytes) : backend.create(entry.key, bytes, lease));
            Commits.show(output, entry.key, "created", commit);
            store.noteIfFleeting();
            return lease == null ? ExitCode.OK : holding.stay(lease, output);
        }
    }
}
