package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeRequest;
import dev.rollcall.registry.UnreadableNodeException;
import org.jspecify.annotations.Nullable;

/** Asks the owner of a node for something, and shows that it has done so. */
final class NodeRequests {
    private NodeRequests() {}

    static int ask(NodesOptions common, String nodeId, NodeRequest request, String done) throws InterruptedException {
        try (NodeRegistry<StoredRecord> registry = common.openToAsk()) {
            Node<StoredRecord> node = find(registry, common.kind, nodeId);
            if (node != null && node.liveness().reason() != Liveness.Reason.CLAIMED) {
                common.output.say(nobody(node, common, request));
                return ExitCode.REFUSED;
            }
            return ask(registry, common, nodeId, request, done);
        }
    }

    /** Why nobody would do it, and what to do instead. */
    private static String nobody(Node<StoredRecord> node, NodesOptions common, NodeRequest request) {
        String root = common.root.path().equals(NodesOptions.ROOT) ? "" : " --root " + common.root.path();
        String remove = "'rollcall nodes remove " + common.kind + " " + node.nodeId() + root + common.store.asNamed();
        if (node.liveness().reason() == Liveness.Reason.OWNER_GONE) {
            return "The owner of the node '" + node.nodeId()
                    + "' has gone, so nobody would do that; the record is removed by " + remove + "'";
        }
        String tool = isOfTidb(node)
                ? "a process of TiDB's own is asked by " + tidbsTool(common, node.nodeId(), request) + ", and "
                : "";
        return "No registration owns the node '" + node.nodeId() + "', so nobody would do that; " + tool
                + "the record of a process that is gone is removed by " + remove + " --force'";
    }

    /** The node, or null if there is none, or none that can be read. */
    static @Nullable Node<StoredRecord> find(NodeRegistry<StoredRecord> registry, String kind, String nodeId)
            throws InterruptedException {
        try {
            return registry.node(kind, nodeId).orElse(null);
        } catch (UnreadableNodeException e) {
            return null;
        }
    }

    /** Whether a program of TiDB's own may have written the node, which knows nothing of requests. */
    static boolean isOfTidb(Node<StoredRecord> node) {
        return node.value().status() != null && node.liveness().reason() != Liveness.Reason.LEASED;
    }

    /** The command line by which a process of TiDB's own is asked, in quotes. */
    static String tidbsTool(NodesOptions common, String nodeId, NodeRequest request) {
        String kind = common.kind;
        return "'binlogctl -cmd " + (request == NodeRequest.PAUSE ? "pause-" : "offline-")
                + (kind.endsWith("s") ? kind.substring(0, kind.length() - 1) : kind) + " -node-id " + nodeId + "'";
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
