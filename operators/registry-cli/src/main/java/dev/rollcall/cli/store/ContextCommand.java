package dev.rollcall.cli.store;

import dev.rollcall.cli.support.Contexts;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.BackendUrl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rollcall context}. */
@Command(
        name = "context",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        description = {
            "Gives stores names and chooses the one that is used where neither --backend nor ROLLCALL_BACKEND names another.",
            "They are kept in $ROLLCALL_CONTEXTS, else in ~/.config/rollcall/contexts, without passwords: a context says which file or variable"
                    + " has the password of its user."
        },
        subcommands = {
            ContextCommand.ListContexts.class,
            ContextCommand.SetContext.class,
            ContextCommand.UseContext.class,
            ContextCommand.RemoveContext.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall context set dev --url etcd://127.0.0.1:2379/apps",
            "  rollcall context set prod --url etcds://ops@etcd.prod:2379/apps --password-file ~/.rollcall-prod",
            "  rollcall context use prod",
            "  rollcall get /config/rate --context dev"
        })
public final class ContextCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do with contexts: list, set, use or remove.");
    }

    /** ROLLCALL_BACKEND is said to come first, to who looks at contexts or chooses one. */
    private static void noteVariable(Output output) {
        String variable = System.getenv("ROLLCALL_BACKEND");
        if (variable != null && !variable.isBlank()) {
            output.say("ROLLCALL_BACKEND is set, and comes before the context in use");
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Shows the contexts and which one is in use.",
            footerHeading = "%nExamples:%n",
            footer = "  rollcall context list")
    static final class ListContexts implements Callable<Integer> {
        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() {
            Contexts contexts = Contexts.read();
            String current = contexts.current().orElse("");
            List<List<String>> rows = new ArrayList<>();
            new TreeMap<>(contexts.all()).forEach((name, context) -> {
                boolean inUse = name.equals(current);
                String password = context.passwordFile() != null
                        ? "file " + context.passwordFile()
                        : context.passwordEnv() != null ? "$" + context.passwordEnv() : "";
                if (output.isJson()) {
                    output.json(node -> node.put("name", name)
                            .put("url", context.url())
                            .put("inUse", inUse)
                            .put("password", password));
                } else {
                    rows.add(List.of(inUse ? "*" : "", name, PlainText.of(context.url()), PlainText.of(password)));
                }
            });
            if (!rows.isEmpty()) {
                output.table(List.of("", "NAME", "URL", "PASSWORD"), rows);
            }
            if (!output.isJson()) {
                output.line(rows.size()
                        + (rows.size() == 1 ? " context in " : " contexts in ")
                        + PlainText.of(contexts.file().toString()));
                noteVariable(output);
            }
            return ExitCode.OK;
        }
    }

    /** A verb that changes the contexts. */
    private abstract static class Change implements Callable<Integer> {
        @Mixin
        private Output output = new Output();

        /** Changes them and gives a sentence about it; they are written afterwards. */
        abstract String apply(Contexts contexts);

        /** What is said once they are written, beside the sentence. */
        void note(Output said) {}

        @Override
        public Integer call() {
            Contexts contexts = Contexts.read();
            String sentence = apply(contexts);
            contexts.write();
            if (output.isJson()) {
                output.json(node -> node.put("done", sentence)
                        .put("inUse", contexts.current().orElse(null)));
            } else {
                output.line(sentence);
            }
            note(output);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = "Makes or changes a context. The first one is used at once.",
            footerHeading = "%nExamples:%n",
            footer = "  rollcall context set prod --url etcds://ops@etcd.prod:2379/apps --password-env PROD_PASSWORD")
    static final class SetContext extends Change {
        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        @Option(
                names = {"-u", "--url", "-b", "--backend"},
                paramLabel = "URL",
                required = true,
                description = "The store, with a user but without a password.")
        private String url = "";

        @Option(names = "--password-file", paramLabel = "FILE", description = "Whose first line is the password.")
        private @Nullable Path passwordFile;

        @Option(names = "--password-env", paramLabel = "VARIABLE", description = "The variable that is the password.")
        private @Nullable String passwordEnv;

        @Override
        String apply(Contexts contexts) {
            BackendUrl parsed = BackendUrl.parse(url);
            Contexts.check(url);
            if (parsed.password().isPresent()) {
                throw new UsageException(
                        "The URL has a password, which a file of contexts does not keep: leave it out, and"
                                + " say where it is with --password-file or --password-env.");
            }
            if (passwordFile != null && passwordEnv != null) {
                throw new UsageException("Give either --password-file or --password-env.");
            }
            if ((passwordFile != null || passwordEnv != null) && parsed.user().isEmpty()) {
                throw new UsageException("A password is for a user, but the URL names none.");
            }
            String file =
                    passwordFile == null ? null : passwordFile.toAbsolutePath().toString();
            contexts.put(name, new Contexts.Context(url, file, passwordEnv));
            if (contexts.all().size() == 1) {
                contexts.use(name);
            }
            return "Context '" + name + "' is " + parsed
                    + (contexts.current().filter(name::equals).isPresent() ? ", and in use" : "");
        }
    }

    @Command(
            name = "use",
            mixinStandardHelpOptions = true,
            description = "Chooses the context that is used from now on.",
            footerHeading = "%nExamples:%n",
            footer = {"  rollcall context use prod", "  rollcall context use --none"})
    static final class UseContext extends Change {
        @Parameters(arity = "0..1", paramLabel = "NAME", description = "The context.")
        private @Nullable String name;

        @Option(names = "--none", description = "Use none.")
        private boolean none;

        @Override
        String apply(Contexts contexts) {
            if ((name == null) != none) {
                throw new UsageException("Give the name of a context, or --none.");
            }
            contexts.use(name);
            return name == null
                    ? "No context is in use"
                    : "Context '" + name + "' is in use: "
                            + BackendUrl.parse(contexts.get(name).url());
        }

        @Override
        void note(Output said) {
            if (!none) {
                noteVariable(said);
            }
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Forgets a context.",
            footerHeading = "%nExamples:%n",
            footer = "  rollcall context remove dev")
    static final class RemoveContext extends Change {
        @Parameters(paramLabel = "NAME", description = "The context.")
        private String name = "";

        @Override
        String apply(Contexts contexts) {
            contexts.remove(name);
            return "Context '" + name + "' is removed";
        }
    }
}
