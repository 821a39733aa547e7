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
            description = "The store: inmemory:NAME, etcd://HOST:PORT/PREFIX, zookeeper://HOST:PORT/ROOT. Default:"
                    + " $ROLLCALL_BACKEND, else a store in this process's memory.")
    private @Nullable String backend;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            description = "How long one operation may take, such as 500ms, 5s or 1m. Overrides the URL's. Default: 5s.")
    private @Nullable String timeout;

    /** Opens the store; does not wait for it. */
    KvBackend open() {
        return KvBackends.open(url());
    }

    /** Opens the store to read from it; says so if nobody has named one, as nothing can be found then. */
    KvBackend openToRead(Output output) {
        if (named() == null) {
            output.err()
                    .println(
                            "rollcall: Note: no store was named, so this reads the memory of this command, which is empty;"
                                    + " name one with --backend or ROLLCALL_BACKEND.");
            output.err().flush();
        }
        return open();
    }

    /** The URL that was given, or null. */
    private @Nullable String named() {
        String variable = System.getenv("ROLLCALL_BACKEND");
        if (backend != null || variable == null || variable.isBlank()) {
            return backend;
        }
        if (variable.indexOf('\uFFFD') >= 0) {
            throw new UsageException(
                    "ROLLCALL_BACKEND is not text in the charset of this locale; give the URL with --backend.");
        }
        return variable;
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
        String named = named();
        BackendUrl url = BackendUrl.parse(named == null ? "inmemory:rollcall" : named);
        return timeout == null ? url : url.withOption("timeout", timeout);
    }
}
