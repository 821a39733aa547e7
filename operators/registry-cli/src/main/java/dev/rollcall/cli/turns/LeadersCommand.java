package dev.rollcall.cli.turns;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall leaders}. */
@Command(
        name = "leaders",
        mixinStandardHelpOptions = true,
        description = {
            "Shows who leads in each election below a directory, with the token of the term and since when, and how many stand behind.",
            "Since when is what the owner's own clock said when it asked for its place. Locks and elections are kept in the same way, so"
                    + " each of rollcall locks and rollcall leaders shows both; keep them below directories of their own."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall leaders /leaders", "  rollcall leaders /leaders --queue"})
public final class LeadersCommand implements Callable<Integer> {
    @Mixin
    private Queues queues = new Queues();

    @Override
    public Integer call() throws InterruptedException {
        return queues.show("LEADER", "CANDIDATES");
    }
}
