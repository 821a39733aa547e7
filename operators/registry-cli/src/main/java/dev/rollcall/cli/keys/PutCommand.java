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

/** {@code rollcall put}. */
@Command(
        name = "put",
        mixinStandardHelpOptions = true,
        description = "Writes an entry, present or not.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall put /config/rate 10",
            "  rollcall put /config/tls.pem --file tls.pem",
            "  rollcall put /workers/w-1 \"$(hostname)\" --hold     gone when this ends"
        })
public final class PutCommand implements Callable<Integer> {
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
            Commit commit =
                    Futures.await(lease == null ? backend.put(entry.key, bytes) : backend.put(entry.key, bytes, lease));
            Commits.show(output, entry.key, "written", commit);
            store.noteIfFleeting();
            return lease == null ? ExitCode.OK : holding.stay(lease, output);
        }
    }
}
