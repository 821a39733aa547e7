package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeFormatException;
import dev.rollcall.registry.NodeStatus;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A node's record, of TiDB's format or of an application's own.
 *
 * @param bytes the record as it is in the store
 * @param status what TiDB's format makes of it; null if it is of another
 */
record NodeRecord(Bytes bytes, @Nullable NodeStatus status) {
    /** As long as a summary, and what is shown of a field. */
    private static final int SUMMARY = 200;

    private static final int FIELD = 48;

    private static final int MOST_DIFFERENCES = 6;

    /** The fields that records of TiDB always have, and others hardly. */
    private static final List<String> OF_TIDB = List.of("nodeId", "isAlive", "maxCommitTS", "updateTS");

    /** Reads whatever is a JSON object; in TiDB's layout what is none is unreadable, as it is for TiDB. */
    static NodeCodec<NodeRecord> codec(boolean tidbLayout) {
        return new NodeCodec<>() {
            @Override
            public Bytes encode(NodeRecord value) {
                return value.bytes;
            }

            @Override
            public @Nullable NodeRecord decode(Bytes bytes) {
                JsonNode json = ConsoleJson.read(bytes);
                boolean ofTidb =
                        json != null && json.isObject() && OF_TIDB.stream().anyMatch(json::has);
                if (ofTidb || (tidbLayout && (json == null || !json.isObject()))) {
                    return ofTidb(bytes, tidbLayout);
                }
                return new NodeRecord(bytes, null);
            }

            @Override
            public boolean isAlive(NodeRecord value) {
                return value.status == null || NodeCodec.tidbBinlog().isAlive(value.status);
            }

            @Override
            public boolean isUsable(NodeRecord value) {
                return value.status == null || NodeCodec.tidbBinlog().isUsable(value.status);
            }
        };
    }

    private static @Nullable NodeRecord ofTidb(Bytes bytes, boolean tidbLayout) {
        try {
            NodeStatus status = NodeCodec.tidbBinlog().decode(bytes);
            return status == null ? null : new NodeRecord(bytes, status);
        } catch (NodeFormatException e) {
            if (tidbLayout) {
                throw e;
            }
            return new NodeRecord(bytes, null);
        }
    }

    /** Fills in what a table shows. Of an application's own record, the fields that have TiDB's names. */
    void summarize(ObjectNode row) {
        if (status != null) {
            row.put("state", status.stateText());
            row.put("host", status.host());
            row.put("score", status.score());
            ObjectNode labels = row.putObject("labels");
            status.label().ifPresent(label -> label.labels().forEach(labels::put));
            return;
        }
        JsonNode json = ConsoleJson.read(bytes);
        if (json == null || !json.isObject()) {
            String text = ConsoleJson.text(bytes);
            row.put("summary", text == null ? bytes.size() + " bytes" : shortened(text, SUMMARY));
            return;
        }
        putText(row, "state", json.path("state"));
        putText(row, "host", json.path("host").isMissingNode() ? json.path("address") : json.path("host"));
        if (json.path("score").isNumber()) {
            row.set("score", json.path("score"));
        }
        JsonNode labels = json.path("labels");
        if (labels.isObject()) {
            ObjectNode shown = row.putObject("labels");
            labels.properties().forEach(label -> shown.put(label.getKey(), text(label.getValue())));
        }
        row.put("summary", shortened(json.toString(), SUMMARY));
    }

    private static void putText(ObjectNode row, String name, JsonNode value) {
        if (value.isValueNode() && !value.isNull()) {
            row.put(name, shortened(value.asText(), FIELD));
        }
    }

    /** What is different in {@code later}, for people: {@code score: 3 → 7}. */
    String differences(NodeRecord later) {
        if (bytes.equals(later.bytes)) {
            return "written again, unchanged";
        }
        JsonNode before = ConsoleJson.read(bytes);
        JsonNode after = ConsoleJson.read(later.bytes);
        if (before == null || after == null || !before.isObject() || !after.isObject()) {
            return bytes.size() + " → " + later.bytes.size() + " bytes";
        }
        Set<String> names = new LinkedHashSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        List<String> changed = new ArrayList<>();
        int more = 0;
        for (String name : names) {
            JsonNode one = before.path(name);
            JsonNode other = after.path(name);
            if (one.equals(other)) {
                continue;
            }
            if (changed.size() < MOST_DIFFERENCES) {
                changed.add(shortened(name, FIELD) + ": " + text(one) + " → " + text(other));
            } else {
                more++;
            }
        }
        if (changed.isEmpty()) {
            return "written in another form, with the same content";
        }
        return String.join(", ", changed) + (more == 0 ? "" : ", and " + more + " more");
    }

    private static String text(JsonNode value) {
        if (value.isMissingNode()) {
            return "absent";
        }
        if (value.isArray() && value.size() > MOST_DIFFERENCES) {
            return "[" + value.size() + " elements]";
        }
        if (value.isObject()) {
            return shortened(
                    StreamSupport.stream(value.spliterator(), false).anyMatch(JsonNode::isContainerNode)
                            ? "{…}"
                            : value.toString(),
                    FIELD);
        }
        return shortened(value.isTextual() ? value.textValue() : value.toString(), FIELD);
    }

    private static String shortened(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end) + "…";
    }
}
