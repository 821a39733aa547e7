package dev.rollcall.cli.nodes;

import dev.rollcall.registry.NodeRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rollcall nodes pause}. */
@Command(
        name = "pause",
        mixinStandardHelpOptions = true,
        description = {
            "Asks the owner of a live node to pause it; for TiDB's states online becomes pausing, and paused once it has left.",
            "The owner is a registration of any process, which does it as if it had been asked there; exit code 1 if there is no such node, if"
                    + " no registration owns it, as those of TiDB's own programs, or if the owner refuses. Without an answer in time the"
                    + " request is withdrawn."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall nodes pause pumps pump-1"})
final class PauseNodeCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
    private String nodeId = "";

    @Override
    public Integer call() throws InterruptedException {
        return NodeRequests.ask(common, nodeId, NodeRequest.PAUSE, "was paused");
    }
}
