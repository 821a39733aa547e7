package dev.rollcall.cli.keys;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code rollcall create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = "Writes an entry that must be absent; exit code 1 if it exists.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall create /config/rate 10", "  rollcall create /owner \"$(hostname)\" --hold --ttl 5s"})
public final class CreateCommand extends HeldWrite {
    /** Made anew for each run. */
    public CreateCommand() {
        super("created");
    }

    @Override
    CompletableFuture<Commit> write(KvBackend backend, Key key, Bytes value, @Nullable Lease lease) {
        return lease == null ? backend.create(key, value) : backend.create(key, value, lease);
    }
}
