package dev.rollcall.cli.shell;

import dev.rollcall.cli.support.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rollcall man}. */
@Command(
        name = "man",
        mixinStandardHelpOptions = true,
        description = "Prints the manual page, for man to show or to be kept with the others.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall man | man -l -", "  rollcall man >~/.local/share/man/man1/rollcall.1"})
public final class ManCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        new ManPage(out).write(spec.root());
        out.flush();
        return ExitCode.OK;
    }
}
