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
            description = "How long one operation may take, such as 500ms, 5s or 1m. Default: the URL's, else 5s.")
    private @Nullable String timeout;

    /** Opens the store; does not wait for it. */
    KvBackend open() {
        return KvBackends.open(url());
    }

    /** The URL with the timeout that was asked for. */
    BackendUrl url() {
        if (timeout == null) {
            return BackendUrl.parse(backend);
        }
        BackendUrl.parse(backend);
        return BackendUrl.parse(backend + (backend.contains("?") ? "&" : "?") + "timeout=" + timeout);
    }
}
