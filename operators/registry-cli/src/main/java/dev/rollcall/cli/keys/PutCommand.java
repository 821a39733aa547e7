package dev.rollcall.cli.keys;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

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
public final class PutCommand extends HeldWrite {
    /** Made anew for each run. */
    public PutCommand() {
        super("written");
    }

    @Override
    CompletableFuture<Commit> write(KvBackend backend, Key key, Bytes value, @Nullable Lease lease) {
        return lease == null ? backend.put(key, value) : backend.put(key, value, lease);
    }
}
