package dev.rollcall.cli.support;

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
public final class StoreOptions {
    @Option(
            names = {"-b", "--backend"},
            paramLabel = "URL",
            description =
                    "The store: inmemory:NAME, etcd://HOST:PORT/PREFIX, zookeeper://HOST:PORT/ROOT. Default:"
                            + " $ROLLCALL_BACKEND, else the context in use (rollcall context), else a store in this process's memory.")
    private @Nullable String backend;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The store that rollcall context set gave this name, for this command alone.")
    private @Nullable String context;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description =
                    "The password of the URL's user is the first line of this file. Default: $ROLLCALL_PASSWORD, if set.")
    private @Nullable String passwordFile;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "TIME",
            description = "How long one operation may take, such as 500ms, 5s or 1m. Overrides the URL's. Default: 5s.")
    private @Nullable String timeout;

    private Supplier<Optional<String>> advice = Optional::empty;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    private @Nullable Chosen chosen;

    /**
     * What was chosen.
     *
     * @param url the URL, with its password
     * @param source where it is from, for people
     */
    private record Chosen(String url, String source) {}

    /** Opens the store to write to it; does not wait for it. Says so if nobody has named one, as there is nothing to change then, and nothing stays. */
    public KvBackend open() {
        return openTo(
                spec.commandLine().getErr(), "writes to the memory of this command, which is empty and ends with it");
    }

    /** Opens the store to read from it; says so if nobody has named one, as nothing can be found then. */
    public KvBackend openToRead(Output output) {
        return openTo(output.err(), "reads the memory of this command, which is empty");
    }

    /** How the store was named on the command line, with a space before it, for a command line that is suggested; empty if it was named elsewhere. */
    public String asNamed() {
        if (backend != null) {
            String plain = BackendUrl.parse(backend).toString();
            return " --backend " + plain;
        }
        return context == null ? "" : " --context " + context;
    }

    /** Asks {@code advice} what else to say when the store is opened, without a full stop. */
    public void notesWhenOpened(Supplier<Optional<String>> advice) {
        this.advice = advice;
    }

    private KvBackend openTo(PrintWriter err, String what) {
        advice.get().ifPresent(text -> note(err, PlainText.sentence(text)));
        if (choose() == null) {
            note(
                    err,
                    "no store was named, so this " + what
                            + "; name one with --backend, ROLLCALL_BACKEND or rollcall context.");
        }
        KvBackend opened = KvBackends.open(url());
        if (backend != null && Password.isIn(backend)) {
            note(
                    err,
                    "other users can see a password on the command line; give the URL in ROLLCALL_BACKEND, or the password"
                            + " with --password-file or ROLLCALL_PASSWORD.");
        }
        return opened;
    }

    private static void note(PrintWriter err, String text) {
        err.println("rollcall: " + Style.YELLOW.of("Note:", err) + " " + text);
        err.flush();
    }

    /** The store that was named in one way or another, or null. */
    private @Nullable Chosen choose() {
        if (chosen == null) {
            chosen = found();
        }
        return chosen;
    }

    private @Nullable Chosen found() {
        if (backend != null && context != null) {
            throw new UsageException("Give either --backend or --context.");
        }
        if (backend != null) {
            return new Chosen(withPassword(backend), "by --backend");
        }
        if (context != null) {
            return of(Contexts.read(), context);
        }
        String variable = System.getenv("ROLLCALL_BACKEND");
        if (variable != null && !variable.isBlank()) {
            if (variable.indexOf('\uFFFD') >= 0) {
                throw new UsageException(
                        "ROLLCALL_BACKEND is not text in the charset of this locale; give the URL with --backend.");
            }
            return new Chosen(withPassword(variable), "by ROLLCALL_BACKEND");
        }
        Contexts contexts = Contexts.read();
        return contexts.current().map(name -> of(contexts, name)).orElse(null);
    }

    private Chosen of(Contexts contexts, String name) {
        Contexts.Context found = contexts.get(name);
        String url = found.url();
        if (passwordFile != null) {
            url = withPassword(url);
        } else if (found.passwordFile() != null) {
            url = Password.into(url, Password.ofFile(found.passwordFile()));
        } else if (found.passwordEnv() != null) {
            url = Password.into(url, Password.ofVariable(found.passwordEnv()));
        } else {
            url = withPassword(url);
        }
        return new Chosen(url, "by the context '" + name + "'");
    }

    private String withPassword(String url) {
        if (passwordFile != null) {
            return Password.into(url, Password.ofFile(passwordFile));
        }
        String variable = System.getenv("ROLLCALL_PASSWORD");
        boolean wanted = variable != null && !variable.isEmpty() && Password.namesUserOnly(url);
        return wanted ? Password.into(url, variable) : url;
    }

    /** Where the store's URL is from, for people. */
    public String source() {
        Chosen found = choose();
        return found == null ? "as no store was named" : found.source();
    }

    /** What was written to a store in memory is gone with this process, which a new user may not expect; who has named none was told. */
    public void noteIfFleeting() {
        if (choose() != null && url().scheme().equals("inmemory")) {
            note(spec.commandLine().getErr(), "this store ends with this command; name another with --backend.");
        }
    }

    /** Nothing was found at {@code path}: says so if that repeats the end of the URL, which comes before it. */
    public void noteIfRepeated(String path) {
        RepeatedPrefix.of(url(), path).ifPresent(text -> note(spec.commandLine().getErr(), PlainText.of(text)));
    }

    /** The URL with the timeout that was asked for. */
    public BackendUrl url() {
        Chosen found = choose();
        BackendUrl url = BackendUrl.parse(found == null ? "inmemory:rollcall" : found.url());
        return timeout == null ? url : url.withOption("timeout", timeout);
    }

    /** The URL as text, with its password, for a process of our own that gets it in its environment; {@code otherwise} if no store was named. */
    public String textOr(String otherwise) {
        Chosen found = choose();
        return found == null ? otherwise : found.url();
    }
}
