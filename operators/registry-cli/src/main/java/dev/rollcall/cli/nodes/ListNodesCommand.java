package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall nodes list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Shows the nodes of a kind.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall nodes list pumps",
            "  rollcall nodes list workers --root /jobs --columns node,alive,address,load"
        })
final class ListNodesCommand implements Callable<Integer> {
    @Mixin
    private NodesOptions common = new NodesOptions();

    @Option(
            names = "--columns",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Show these: node, kind, alive, usable, leased, revision, why, record, and fields of the record, such as host or"
                            + " label.zone; separated by commas.")
    private List<String> columns = List.of();

    @Override
    public Integer call() throws InterruptedException {
        try (NodeRegistry<StoredRecord> registry = common.openToRead()) {
            NodeSet<StoredRecord> nodes = registry.nodes(common.kind);
            if (common.output.isJson()) {
                nodes.sorted().forEach(node -> common.output.json(json -> Nodes.json(json, node, node.value())));
                nodes.unreadable().forEach(entry -> common.output.json(json -> Nodes.json(json, entry)));
                return ExitCode.OK;
            }
            if (columns.isEmpty()) {
                Nodes.print(common.output, nodes.sorted());
            } else {
                NodeColumns.print(common.output, columns, nodes.sorted());
            }
            nodes.unreadable().forEach(entry -> common.output.line(Nodes.unreadable(entry)));
            common.output.line(nodes.size() + (nodes.size() == 1 ? " node" : " nodes") + " of kind "
                    + PlainText.of(common.kind) + " at revision " + nodes.revision()
                    + (nodes.isEmpty() ? ": " + common.lookedAt(registry, "") : ""));
            return ExitCode.OK;
        }
    }
}
