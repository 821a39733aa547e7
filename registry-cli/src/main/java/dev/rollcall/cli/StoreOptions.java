package dev.rollcall.cli;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which store a command works on. */
final class StoreOptions {
    @Option(
            names = {"-b", "--backend"},
            paramLabel = "URL",
            defaultValue = "${env:ROLLCALL_BACKEND:-inmemory:rollcall}",
            description = "The store: inmemory:NAME, etcd://HOST:PORT/PREFIX, zookeeper://HOST:PORT/ROOT. Default:"
                    + " $ROLLCALL_BACKEND, else a store in this process's memory.")
    private String backend = "";

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            description = "How long one operation may take, such as 500ms, 5s or 1m. Overrides the URL's. Default: 5s.")
    private @Nullable String timeout;

    /** Opens the store; does not wait for it. */
    KvBackend open() {
        return KvBackends.open(url());
    }

    /** What was written to a store in memory is gone with this process, which a new user may not expect. */
    void noteIfFleeting(Output output) {
        if (url().scheme().equals("inmemory")) {
            output.err().println("rollcall: Note: this store ends with this command; name another with --backend.");
            output.err().flush();
        }
    }

    /** The URL with the timeout that was asked for. */
    BackendUrl url() {
        BackendUrl url = BackendUrl.parse(backend);
        return timeout == null ? url : url.withOption("timeout", timeout);
    }
}
