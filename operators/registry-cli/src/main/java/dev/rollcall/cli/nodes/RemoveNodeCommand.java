package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall nodes remove}. */
@Command(
        name = "remove",
        mixinStandardHelpOptions = true,
        description = "Removes a node; exit code 1 if it is absent.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall nodes remove pumps pump-1"})
final class RemoveNodeCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
    private String nodeId = "";

    @Option(names = "--if-revision", paramLabel = "N", description = "Only if the node is at this revision.")
    private @Nullable Long revision;

    @Override
    public Integer call() throws InterruptedException {
        try (NodeRegistry<NodeStatus> registry = common.open()) {
            boolean removed = revision == null
                    ? registry.removeNode(common.kind, nodeId)
                    : registry.removeNode(common.kind, nodeId, revision);
            if (common.output.isJson()) {
                common.output.json(json ->
                        json.put("kind", common.kind).put("nodeId", nodeId).put("removed", removed));
            } else {
                common.output.line(PlainText.of(nodeId)
                        + (removed ? " removed" : " was not there: " + common.lookedAt(registry, "/" + nodeId)));
            }
            return removed ? ExitCode.OK : ExitCode.REFUSED;
        }
    }
}
