package dev.rollcall.cli.store;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rollcall check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        description = "Tries a store out: check perf measures how quickly it reads and writes.",
        subcommands = PerfCommand.class,
        footerHeading = "%nExamples:%n",
        footer = "  rollcall check perf --time 5s")
public final class CheckCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to check: perf.");
    }
}
