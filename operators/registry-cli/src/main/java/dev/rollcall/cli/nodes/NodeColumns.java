package dev.rollcall.cli.nodes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.cli.support.Json;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.registry.Node;
import java.util.List;
import java.util.Locale;

/** Columns of a table of nodes that its user chose: what is known of a node, and the fields of its record. */
final class NodeColumns {
    private NodeColumns() {}

    static void print(Output output, List<String> columns, List<Node<StoredRecord>> nodes) {
        for (String column : columns) {
            if (column.isBlank()) {
                throw new UsageException("A column of --columns has no name.");
            }
        }
        List<List<String>> rows = nodes.stream().map(node -> row(columns, node)).toList();
        if (!rows.isEmpty()) {
            output.table(
                    columns.stream()
                            .map(column -> PlainText.of(column).toUpperCase(Locale.ROOT))
                            .toList(),
                    rows);
        }
    }

    private static List<String> row(List<String> columns, Node<StoredRecord> node) {
        JsonNode record = record(node);
        return columns.stream().map(column -> cell(column, node, record)).toList();
    }

    private static JsonNode record(Node<StoredRecord> node) {
        try {
            return Json.read(node.value().json());
        } catch (JsonProcessingException e) {
            // It was read as JSON before, but the format of TiDB is more lenient.
            return Json.object();
        }
    }

    private static String cell(String column, Node<StoredRecord> node, JsonNode record) {
        return switch (column) {
            case "node" -> PlainText.of(node.nodeId());
            case "kind" -> PlainText.of(node.kind());
            case "alive" -> node.isAlive() ? "yes" : "no";
            case "usable" -> node.isUsable() ? "yes" : "no";
            case "leased" -> node.leased() ? "yes" : "no";
            case "revision" -> Long.toString(node.revision());
            case "why" -> node.why();
            case "record" -> PlainText.of(node.value().json());
            default -> field(column, record);
        };
    }

    /** A field by its name, or by its path where no field has that name. */
    private static String field(String column, JsonNode record) {
        JsonNode found = record.path(column);
        if (found.isMissingNode()) {
            found = record;
            for (String part : column.split("\\.")) {
                found = found.path(part);
            }
        }
        if (found.isMissingNode() || found.isNull()) {
            return "";
        }
        return PlainText.of(found.isValueNode() ? found.asText() : found.toString());
    }
}
