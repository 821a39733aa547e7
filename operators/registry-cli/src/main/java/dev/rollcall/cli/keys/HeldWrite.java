package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Commits;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A verb that writes an entry, which may be held for as long as the command runs. */
abstract class HeldWrite implements Callable<Integer> {
    private final String done;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private EntryArguments entry = new EntryArguments();

    @Mixin
    private Holding holding = new Holding();

    /** {@code done} is what the output calls what was done. */
    HeldWrite(String done) {
        this.done = done;
    }

    /** Writes the entry, under a lease if there is one. */
    abstract CompletableFuture<Commit> write(KvBackend backend, Key key, Bytes value, @Nullable Lease lease);

    @Override
    public Integer call() throws InterruptedException {
        Bytes value = entry.value(output);
        boolean hold = holding.isWanted();
        try (KvBackend backend = store.open()) {
            Lease lease = hold ? holding.grant(backend) : null;
            Commit commit = Futures.await(write(backend, entry.key, value, lease));
            Commits.show(output, entry.key, done, commit);
            store.noteIfFleeting();
            return lease == null ? ExitCode.OK : holding.stay(lease, output);
        }
    }
}
