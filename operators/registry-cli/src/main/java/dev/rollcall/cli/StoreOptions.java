package dev.rollcall.cli;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

    private Supplier<Optional<String>> advice = Optional::empty;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** Opens the store to write to it; does not wait for it. Says so if nobody has named one, as there is nothing to change then, and nothing stays. */
    KvBackend open() {
        return openTo(
                spec.commandLine().getErr(), "writes to the memory of this command, which is empty and ends with it");
    }

    /** Opens the store to read from it; says so if nobody has named one, as nothing can be found then. */
    KvBackend openToRead(Output output) {
        return openTo(output.err(), "reads the memory of this command, which is empty");
    }

    /** Asks {@code advice} what else to say when the store is opened, without a full stop. */
    void notesWhenOpened(Supplier<Optional<String>> advice) {
        this.advice = advice;
    }

    private KvBackend openTo(PrintWriter err, String what) {
        advice.get().ifPresent(text -> note(err, PlainText.sentence(text)));
        if (named() == null) {
            note(err, "no store was named, so this " + what + "; name one with --backend or ROLLCALL_BACKEND.");
        }
        return KvBackends.open(url());
    }

    private static void note(PrintWriter err, String text) {
        err.println("rollcall: Note: " + text);
        err.flush();
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

    /** What was written to a store in memory is gone with this process, which a new user may not expect; who has named none was told. */
    void noteIfFleeting() {
        if (named() != null && url().scheme().equals("inmemory")) {
            note(spec.commandLine().getErr(), "this store ends with this command; name another with --backend.");
        }
    }

    /** The URL with the timeout that was asked for. */
    BackendUrl url() {
        String named = named();
        BackendUrl url = BackendUrl.parse(named == null ? "inmemory:rollcall" : named);
        return timeout == null ? url : url.withOption("timeout", timeout);
    }
}
