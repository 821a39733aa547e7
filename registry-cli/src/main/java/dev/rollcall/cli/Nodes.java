package dev.rollcall.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeFormatException;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.PoisonEntry;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How nodes look, and how they are read from the command line. */
final class Nodes {
    static final List<String> HEADER = List.of(
            "KIND", "NODE", "HOST", "STATE", "ALIVE", "SCORE", "LABELS", "MAX COMMIT TS", "UPDATE TS", "REVISION");

    private Nodes() {}

    static List<String> row(Node<NodeStatus> node) {
        NodeStatus status = node.value();
        return List.of(
                node.kind(),
                PlainText.of(node.nodeId()),
                PlainText.of(status.host()),
                PlainText.of(status.stateText()),
                status.isAlive() ? "yes" : "no",
                Long.toString(status.score()),
                labels(status),
                Long.toString(status.maxCommitTs()),
                Long.toString(status.updateTs()),
                Long.toString(node.revision()));
    }

    private static String labels(NodeStatus status) {
        return status.label()
                .map(label -> new TreeMap<>(label.labels())
                        .entrySet().stream()
                                .map(e -> PlainText.of(e.getKey() + "=" + e.getValue()))
                                .collect(Collectors.joining(",")))
                .orElse("");
    }

    /** Fills in the node, with its status as it is in the store. */
    static void json(ObjectNode json, Node<NodeStatus> node) {
        json.put("kind", node.kind());
        json.put("nodeId", node.nodeId());
        json.put("revision", node.revision());
        json.put("leased", node.leased());
        json.putRawValue(
                "status",
                new RawValue(NodeCodec.tidbBinlog().encode(node.value()).utf8()));
    }

    static void json(ObjectNode json, PoisonEntry entry) {
        json.put("key", entry.key().path());
        json.put("revision", entry.revision());
        json.put("poison", entry.reason());
    }

    /** The status that the user gave as TiDB's JSON. */
    static NodeStatus parse(String json) {
        try {
            NodeStatus status = NodeCodec.tidbBinlog().decode(Bytes.ofUtf8(json));
            if (status == null) {
                throw new UsageException("The status is null; give an object such as {\"nodeId\":\"pump-1\"}.");
            }
            if (status.nodeId().isEmpty()) {
                throw new UsageException("The status has no nodeId; give an object such as {\"nodeId\":\"pump-1\"}.");
            }
            return status;
        } catch (NodeFormatException e) {
            throw new UsageException("Not a node status: " + e.getMessage());
        }
    }
}
