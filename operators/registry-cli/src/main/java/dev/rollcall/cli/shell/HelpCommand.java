package dev.rollcall.cli.shell;

import dev.rollcall.cli.support.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code rollcall help}. */
@Command(
        name = "help",
        mixinStandardHelpOptions = true,
        description = "Shows what --help shows: of the command, or of one of its verbs.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall help put", "  rollcall help nodes list"})
public final class HelpCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "VERB", description = "Such as list, or nodes list.")
    private List<String> path = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine shown = spec.parent().commandLine();
        for (String verb : path) {
            CommandLine next = shown.getSubcommands().get(verb);
            if (next == null) {
                throw new UnmatchedArgumentException(shown, List.of(verb));
            }
            shown = next;
        }
        shown.usage(spec.commandLine().getOut());
        return ExitCode.OK;
    }
}
