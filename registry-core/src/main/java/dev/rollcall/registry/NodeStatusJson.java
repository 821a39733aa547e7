package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Limits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** {@link NodeStatus} as Go's {@code encoding/json} reads and writes TiDB's {@code Status}. */
final class NodeStatusJson {
    private static final List<String> FIELDS =
            List.of("nodeId", "host", "state", "isAlive", "score", "label", "maxCommitTS", "updateTS");
    private static final List<String> LABEL_FIELDS = List.of("labels");

    private NodeStatusJson() {}

    /** The JSON; {@code null} is what Go writes for a nil pointer. */
    static Bytes encode(@Nullable NodeStatus status) {
        JsonWriter out = new JsonWriter();
        if (status == null) {
            return out.raw("null").toBytes();
        }
        out.raw("{\"nodeId\":").string(status.nodeId());
        out.raw(",\"host\":").string(status.host());
        out.raw(",\"state\":").string(status.stateText());
        out.raw(",\"isAlive\":").raw(String.valueOf(status.isAlive()));
        out.raw(",\"score\":").raw(String.valueOf(status.score()));
        out.raw(",\"label\":");
        encodeLabel(out, status.labelOrNull());
        out.raw(",\"maxCommitTS\":").raw(String.valueOf(status.maxCommitTs()));
        out.raw(",\"updateTS\":").raw(String.valueOf(status.updateTs()));
        encodeUnknown(out, status.unknown());
        return out.raw("}").toBytes();
    }

    private static void encodeLabel(JsonWriter out, @Nullable NodeLabel label) {
        if (label == null) {
            out.raw("null");
            return;
        }
        SortedMap<String, String> labels = label.labelsOrNull();
        out.raw("{\"labels\":");
        if (labels == null) {
            out.raw("null");
        } else {
            String separator = "{";
            for (Map.Entry<String, String> entry : labels.entrySet()) {
                out.raw(separator).string(entry.getKey()).raw(":").string(entry.getValue());
                separator = ",";
            }
            out.raw(labels.isEmpty() ? "{}" : "}");
        }
        encodeUnknown(out, label.unknown());
        out.raw("}");
    }

    private static void encodeUnknown(JsonWriter out, UnknownFields unknown) {
        for (Bytes member : unknown.members()) {
            out.raw(",").raw(member);
        }
    }

    /**
     * The status, or null for the document {@code null}.
     *
     * @throws NodeFormatException if Go would not read it either, or it is larger or deeper than we take
     */
    static @Nullable NodeStatus decode(Bytes json) {
        if (json.size() > Limits.MAX_VALUE_BYTES) {
            throw new NodeFormatException(
                    "it has " + json.size() + " bytes, more than the limit of " + Limits.MAX_VALUE_BYTES);
        }
        if (json.isEmpty()) {
            throw new NodeFormatException("it is empty");
        }
        JsonScanner in = new JsonScanner(json.toByteArray());
        NodeStatus status = null;
        if (!in.takeNull()) {
            if (in.peek() != '{') {
                in.skipValue();
                throw new NodeFormatException("it is not a JSON object");
            }
            NodeStatus.Builder builder = new NodeStatus.Builder();
            builder.unknown(readObject(in, FIELDS, field -> readField(in, field, builder)));
            status = builder.build();
        }
        in.expectEnd();
        return status;
    }

    /** Reads the value of a known field. */
    private interface FieldReader {
        void read(String field);
    }

    private static UnknownFields readObject(JsonScanner in, List<String> known, FieldReader reader) {
        UnknownFields.Builder unknown = new UnknownFields.Builder();
        in.expect('{');
        in.enter();
        if (!in.take('}')) {
            do {
                in.peek();
                int start = in.position();
                String name = in.string();
                int nameEnd = in.position();
                in.expect(':');
                String field = knownName(known, name);
                if (field != null) {
                    reader.read(field);
                } else {
                    in.peek();
                    int valueStart = in.position();
                    in.skipValue();
                    JsonWriter member = new JsonWriter();
                    member.raw(in.slice(start, nameEnd)).raw(":").raw(in.slice(valueStart, in.position()));
                    unknown.add(name, member.toBytes());
                }
            } while (in.take(','));
            in.expect('}');
        }
        in.leave();
        return unknown.build();
    }

    /** The field that Go would store this name in: the one spelt so, else the one that differs in case only. */
    private static @Nullable String knownName(List<String> known, String name) {
        if (known.contains(name)) {
            return name;
        }
        String folded = fold(name);
        for (String field : known) {
            if (fold(field).equals(folded)) {
                return field;
            }
        }
        return null;
    }

    /**
     * Go folds ASCII letters, and by Unicode's simple rules U+017F is an s and U+212A is a k; nothing else folds into ASCII. Java's own
     * comparison also takes the Turkish letters U+0130 and U+0131 for an i.
     */
    private static String fold(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            folded.append(
                    switch (c) {
                        case '\u017F' -> 's';
                        case '\u212A' -> 'k';
                        default -> c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
                    });
        }
        return folded.toString();
    }

    private static void readField(JsonScanner in, String field, NodeStatus.Builder builder) {
        if (in.takeNull()) {
            // To Go, null is a nil pointer for the label and no value at all for the others, which keep what they have.
            if (field.equals("label")) {
                builder.label(null);
            }
            return;
        }
        switch (field) {
            case "nodeId" -> builder.nodeId(in.readString(field));
            case "host" -> builder.host(in.readString(field));
            case "state" -> builder.stateText(in.readString(field));
            case "isAlive" -> builder.alive(in.readBoolean(field));
            case "score" -> builder.score(in.readLong(field));
            case "label" -> builder.label(readLabel(in, builder.labelSoFar()));
            case "maxCommitTS" -> builder.maxCommitTs(in.readLong(field));
            case "updateTS" -> builder.updateTs(in.readLong(field));
            default -> throw new IllegalStateException("The field '" + field + "' has no reader.");
        }
    }

    /** Reads a label into the one that a duplicate field before it has left, as Go does. */
    private static NodeLabel readLabel(JsonScanner in, @Nullable NodeLabel before) {
        if (in.peek() != '{') {
            in.skipValue();
            throw new NodeFormatException("the field 'label' is not an object");
        }
        LabelSoFar labels = new LabelSoFar();
        if (before != null && before.labelsOrNull() != null) {
            labels.map = new LinkedHashMap<>(before.labels());
        }
        UnknownFields unknown = readObject(in, LABEL_FIELDS, field -> readLabels(in, labels));
        return new NodeLabel(
                labels.map, before == null ? unknown : before.unknown().with(unknown));
    }

    private static final class LabelSoFar {
        @Nullable
        Map<String, String> map;
    }

    private static void readLabels(JsonScanner in, LabelSoFar labels) {
        if (in.takeNull()) {
            labels.map = null;
            return;
        }
        if (in.peek() != '{') {
            in.skipValue();
            throw new NodeFormatException("the field 'label.labels' is not an object");
        }
        Map<String, String> map = labels.map == null ? new LinkedHashMap<>() : labels.map;
        labels.map = map;
        in.expect('{');
        in.enter();
        if (!in.take('}')) {
            do {
                in.peek();
                String name = in.string();
                in.expect(':');
                map.put(name, in.takeNull() ? "" : in.readString("label.labels"));
            } while (in.take(','));
            in.expect('}');
        }
        in.leave();
    }
}
