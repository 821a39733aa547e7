package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeRequest;
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
        description = {
            "Removes a node; exit code 1 if it is absent.",
            "A live node that a registration owns would come back, so its owner is asked to close and remove it. A node of TiDB's own"
                    + " programs that is alive by its state is left alone, since its process would write it again: ask it with"
                    + " binlogctl, or give --force if the process is gone."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall nodes remove pumps pump-1", "  rollcall nodes remove pumps pump-1 --if-revision 17"})
final class RemoveNodeCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
    private String nodeId = "";

    @Option(
            names = "--if-revision",
            paramLabel = "N",
            description = "Only the record, and only if it is at this revision.")
    private @Nullable Long revision;

    @Option(names = "--force", description = "Only the record, whoever owns it: a live owner writes it again.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        if (force && revision != null) {
            throw new UsageException("--force and --if-revision exclude each other.");
        }
        try (NodeRegistry<StoredRecord> registry = common.openToAsk()) {
            Node<StoredRecord> node =
                    force || revision != null ? null : NodeRequests.find(registry, common.kind, nodeId);
            if (node != null && node.liveness().reason() == Liveness.Reason.CLAIMED) {
                return NodeRequests.ask(registry, common, nodeId, NodeRequest.REMOVE, "was removed");
            }
            if (node != null && node.isAlive() && NodeRequests.isOfTidb(node)) {
                common.output.say("The node '" + nodeId + "' is alive by its state, and is no registration's: its"
                        + " process is asked by " + NodeRequests.tidbsTool(common, nodeId, NodeRequest.REMOVE)
                        + "; if that is gone, --force removes the record");
                return ExitCode.REFUSED;
            }
            boolean removed = revision == null
                    ? registry.removeNode(common.kind, nodeId)
                    : registry.removeNode(common.kind, nodeId, revision);
            show(registry, removed);
            return removed ? ExitCode.OK : ExitCode.REFUSED;
        } catch (AccessDeniedException e) {
            common.output.say("The node '" + nodeId + "' was not removed: " + PlainText.sentence(e));
            return ExitCode.of(e);
        }
    }

    private void show(NodeRegistry<?> registry, boolean removed) {
        if (common.output.isJson()) {
            common.output.json(
                    json -> json.put("kind", common.kind).put("nodeId", nodeId).put("removed", removed));
        } else {
            common.output.line(PlainText.of(nodeId)
                    + (removed ? " removed" : " was not there: " + common.lookedAt(registry, "/" + nodeId)));
        }
    }
}
