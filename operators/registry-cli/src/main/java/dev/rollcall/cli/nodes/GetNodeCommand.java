package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rollcall nodes get}. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = "Shows a node; exit code 1 if it is absent.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall nodes get pumps pump-1 -o json"})
final class GetNodeCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Parameters(index = "1", paramLabel = "NODE", description = "The node's id.")
    private String nodeId = "";

    @Override
    public Integer call() throws InterruptedException {
        try (NodeRegistry<StoredRecord> registry = common.openToRead()) {
            Optional<Node<StoredRecord>> node = registry.node(common.kind, nodeId);
            if (node.isEmpty()) {
                common.output
                        .err()
                        .println("rollcall: There is no node '" + PlainText.of(nodeId) + "' of kind "
                                + PlainText.of(common.kind) + " on "
                                + registry.backend().name() + ": "
                                + common.lookedAt(registry, "/" + nodeId) + ".");
                return ExitCode.REFUSED;
            }
            common.show(node.get());
            return ExitCode.OK;
        }
    }
}
