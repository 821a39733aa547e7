package dev.rollcall.cli.shell;

import dev.rollcall.cli.support.ExitCode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rollcall completion}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that lets a shell complete verbs and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(rollcall completion bash)       in ~/.bashrc",
            "  source <(rollcall completion zsh)        in ~/.zshrc, after compinit",
            "  rollcall completion fish >~/.config/fish/completions/rollcall.fish"
        })
public final class CompletionCommand implements Callable<Integer> {
    /** The shells. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    private Shell shell = Shell.BASH;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        PrintWriter out = spec.commandLine().getOut();
        switch (shell) {
            case BASH -> out.println(AutoComplete.bash(root.getCommandName(), root));
            case ZSH -> {
                out.println("autoload -U +X bashcompinit && bashcompinit");
                out.println(AutoComplete.bash(root.getCommandName(), root));
            }
            case FISH -> fish(root, out);
            default -> throw new IllegalStateException(shell.name().toLowerCase(Locale.ROOT));
        }
        out.flush();
        return ExitCode.OK;
    }

    /** Fish completes by rules: for each verb when none was given, for each option when its verb was. */
    private static void fish(CommandLine root, PrintWriter out) {
        String name = root.getCommandName();
        out.println("complete -c " + name + " -e");
        out.println("complete -c " + name + " -f");
        root.getSubcommands().forEach((verb, line) -> {
            out.println("complete -c " + name + " -n __fish_use_subcommand -a " + verb + " -d "
                    + quoted(summary(line.getCommandSpec())));
            String seen = "'__fish_seen_subcommand_from " + verb + "'";
            line.getSubcommands()
                    .forEach((nested, nestedLine) -> out.println("complete -c " + name + " -n " + seen + " -a " + nested
                            + " -d " + quoted(summary(nestedLine.getCommandSpec()))));
            options(name, seen, line.getCommandSpec(), out);
            line.getSubcommands().values().forEach(nested -> options(name, seen, nested.getCommandSpec(), out));
        });
    }

    private static void options(String name, String seen, CommandSpec command, PrintWriter out) {
        command.options().forEach(option -> {
            StringBuilder rule = new StringBuilder("complete -c " + name + " -n " + seen);
            for (String each : option.names()) {
                rule.append(each.startsWith("--") ? " -l " + each.substring(2) : " -s " + each.substring(1));
            }
            if (option.arity().max() > 0) {
                boolean file = option.paramLabel().contains("FILE")
                        || option.paramLabel().contains("DIR");
                rule.append(file ? " -r -F" : " -x");
            }
            String[] description = option.description();
            out.println(rule + " -d " + quoted(description.length == 0 ? "" : firstSentence(description[0])));
        });
    }

    private static String summary(CommandSpec command) {
        String[] description = command.usageMessage().description();
        return description.length == 0 ? "" : firstSentence(description[0]);
    }

    private static String firstSentence(String text) {
        int end = text.indexOf(". ");
        return (end < 0 ? text : text.substring(0, end + 1)).replace("%n", " ");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
