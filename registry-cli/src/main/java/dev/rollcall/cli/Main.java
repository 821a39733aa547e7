package dev.rollcall.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code rollcall} command: without a subcommand it prints its own usage. */
@Command(
        name = "rollcall",
        mixinStandardHelpOptions = true,
        version = "rollcall 0.1.0-SNAPSHOT",
        description = "One node registry, any store.")
public final class Main implements Runnable {

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
