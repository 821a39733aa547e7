package dev.rollcall.cli.nodes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeFormatException;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.UnreadableEntry;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How nodes look, and how they are read from the command line. */
public final class Nodes {
    static final List<String> HEADER = List.of(
            "KIND",
            "NODE",
            "HOST",
            "STATE",
            "ALIVE",
            "USABLE",
            "SCORE",
            "LABELS",
            "MAX COMMIT TS",
            "UPDATE TS",
            "REVISION",
            "WHY");

    /** For records of an application's own, which have none of TiDB's fields. */
    private static final List<String> OWN_HEADER =
            List.of("KIND", "NODE", "ALIVE", "USABLE", "REVISION", "WHY", "RECORD");

    private Nodes() {}

    /** Prints nodes as a table, or as two if there are both TiDB's and an application's own. */
    static void print(Output output, List<Node<StoredRecord>> nodes) {
        for (boolean own : new boolean[] {false, true}) {
            List<List<String>> rows = nodes.stream()
                    .filter(node -> (node.value().status() == null) == own)
                    .map(Nodes::row)
                    .toList();
            if (!rows.isEmpty()) {
                output.table(own ? OWN_HEADER : HEADER, rows);
            }
        }
    }

    static List<String> row(Node<StoredRecord> node) {
        NodeStatus status = node.value().status();
        if (status != null) {
            return row(node, status);
        }
        return List.of(
                PlainText.of(node.kind()),
                PlainText.of(node.nodeId()),
                yesNo(node.isAlive()),
                yesNo(node.isUsable()),
                Long.toString(node.revision()),
                node.why(),
                PlainText.of(node.value().json()));
    }

    /** A node with its record in TiDB's format. */
    static List<String> row(Node<?> node, NodeStatus status) {
        return row(
                node.kind(),
                node.nodeId(),
                status,
                yesNo(node.isAlive()),
                yesNo(node.isUsable()),
                node.revision(),
                node.why());
    }

    private static String yesNo(boolean is) {
        return is ? "yes" : "no";
    }

    /** A record that has been written without a look at what stands beside it. */
    static List<String> row(String kind, NodeStatus status, long revision) {
        return row(kind, status.nodeId(), status, "", "", revision, "");
    }

    private static List<String> row(
            String kind, String nodeId, NodeStatus status, String alive, String usable, long revision, String why) {
        return List.of(
                PlainText.of(kind),
                PlainText.of(nodeId),
                PlainText.of(status.host()),
                PlainText.of(status.stateText()),
                alive,
                usable,
                Long.toString(status.score()),
                labels(status),
                Long.toString(status.maxCommitTs()),
                Long.toString(status.updateTs()),
                Long.toString(revision),
                why);
    }

    private static String labels(NodeStatus status) {
        return status.label()
                .map(label -> new TreeMap<>(label.labels())
                        .entrySet().stream()
                                .map(e -> PlainText.of(e.getKey() + "=" + e.getValue()))
                                .collect(Collectors.joining(",")))
                .orElse("");
    }

    /** Fills in the node, with its record as it is in the store, and whether it is alive. */
    static void json(ObjectNode json, Node<?> node, StoredRecord record) {
        json(json, node.kind(), node.nodeId(), record, node.revision());
        json.put("leased", node.leased());
        json.put("alive", node.isAlive());
        json.put("usable", node.isUsable());
        json.put("why", node.why());
    }

    static void json(ObjectNode json, String kind, String nodeId, StoredRecord record, long revision) {
        json.put("kind", kind);
        json.put("nodeId", nodeId);
        json.put("revision", revision);
        json.putRawValue("status", new RawValue(record.json()));
    }

    static void json(ObjectNode json, UnreadableEntry entry) {
        json.put("key", entry.key().path());
        json.put("revision", entry.revision());
        json.put("unreadable", entry.reason());
    }

    /** What cannot be read as a node, on one line. */
    static String unreadable(UnreadableEntry entry) {
        return "unreadable  " + PlainText.of(entry.key().path()) + " at revision " + entry.revision() + ": "
                + PlainText.of(entry.reason());
    }

    /** The status that the user gave as TiDB's JSON. */
    public static NodeStatus parse(String json) {
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
