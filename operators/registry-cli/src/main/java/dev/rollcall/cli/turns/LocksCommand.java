package dev.rollcall.cli.turns;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall locks}. */
@Command(
        name = "locks",
        mixinStandardHelpOptions = true,
        description = {
            "Shows who holds each lock below a directory, with its fencing token and since when, and how many wait.",
            "Since when is what the owner's own clock said when it asked for its place. Locks and elections are kept in the same way, so"
                    + " each of rollcall locks and rollcall leaders shows both; keep them below directories of their own."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall locks /locks", "  rollcall locks /locks --queue"})
public final class LocksCommand implements Callable<Integer> {
    @Mixin
    private Queues queues = new Queues();

    @Override
    public Integer call() throws InterruptedException {
        return queues.show("HOLDER", "WAITING");
    }
}
