package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeRequest;

/** Asks the owner of a node for something, and shows that it has done so. */
final class NodeRequests {
    private NodeRequests() {}

    static int ask(NodesOptions common, String nodeId, NodeRequest request, String done) throws InterruptedException {
        try (NodeRegistry<StoredRecord> registry = common.openToAsk()) {
            return ask(registry, common, nodeId, request, done);
        }
    }

    static int ask(NodeRegistry<?> registry, NodesOptions common, String nodeId, NodeRequest request, String done)
            throws InterruptedException {
        registry.request(common.kind, nodeId, request, who());
        if (common.output.isJson()) {
            common.output.json(json -> json.put("kind", common.kind)
                    .put("nodeId", nodeId)
                    .put("done", done)
                    .put("byOwner", true));
        } else {
            common.output.line(PlainText.of(nodeId) + " " + done + " by its owner");
        }
        return ExitCode.OK;
    }

    /** For the log and the status of the owner. */
    private static String who() {
        String user = System.getProperty("user.name", "somebody").replaceAll("[^A-Za-z0-9._-]", "_");
        return user + "@rollcall";
    }
}
