package dev.rollcall.cli.keys;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.cli.support.Json;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** A transaction as JSON: {@code {"if": [conditions], "then": [writes]}}. What is not understood is refused, never left out. */
final class TxnFile {
    private static final String CONDITION =
            "a condition is {\"absent\": KEY}, {\"present\": KEY} or {\"key\": KEY, \"revision\": N}";
    private static final String WRITE =
            "a write is {\"put\": KEY, \"value\": TEXT}, {\"put\": KEY, \"valueBase64\": BASE64} or {\"delete\": KEY}";

    private TxnFile() {}

    static Txn parse(String text) {
        JsonNode root;
        try {
            root = Json.read(text);
        } catch (JsonProcessingException e) {
            throw new UsageException("The transaction is not JSON: " + e.getOriginalMessage() + " at line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ".");
        }
        if (root == null || !root.isObject() || !names(root, Set.of("if", "then"))) {
            throw new UsageException(
                    "A transaction is an object with two lists, such as {\"if\": [{\"absent\": \"/a\"}],"
                            + " \"then\": [{\"put\": \"/a\", \"value\": \"1\"}]}.");
        }
        Txn.Builder txn = Txn.builder();
        List<JsonNode> conditions = list(root, "if");
        List<JsonNode> writes = list(root, "then");
        if (conditions.isEmpty() && writes.isEmpty()) {
            throw new UsageException("The transaction has neither conditions nor writes.");
        }
        for (int i = 0; i < conditions.size(); i++) {
            condition(txn, conditions.get(i), "if[" + i + "]");
        }
        for (int i = 0; i < writes.size(); i++) {
            write(txn, writes.get(i), "then[" + i + "]");
        }
        return txn.build();
    }

    private static List<JsonNode> list(JsonNode root, String field) {
        JsonNode list = root.get(field);
        if (list == null) {
            return List.of();
        }
        if (!list.isArray()) {
            throw new UsageException("\"" + field + "\" must be a list.");
        }
        List<JsonNode> nodes = new ArrayList<>();
        list.forEach(nodes::add);
        return nodes;
    }

    private static void condition(Txn.Builder txn, JsonNode node, String place) {
        if (names(node, Set.of("absent")) && node.has("absent")) {
            txn.ifAbsent(key(node, "absent", place));
        } else if (names(node, Set.of("present")) && node.has("present")) {
            txn.ifPresent(key(node, "present", place));
        } else if (names(node, Set.of("key", "revision")) && node.has("key") && node.has("revision")) {
            if (!node.get("revision").isIntegralNumber()
                    || !node.get("revision").canConvertToLong()) {
                throw new UsageException(place + ": the revision must be a whole number.");
            }
            txn.ifRevision(key(node, "key", place), node.get("revision").longValue());
        } else {
            throw new UsageException(place + " is not understood: " + CONDITION + ".");
        }
    }

    private static void write(Txn.Builder txn, JsonNode node, String place) {
        if (names(node, Set.of("delete")) && node.has("delete")) {
            txn.delete(key(node, "delete", place));
        } else if (names(node, Set.of("put", "value", "valueBase64"))
                && node.has("put")
                && node.has("value") != node.has("valueBase64")) {
            txn.put(key(node, "put", place), value(node, place));
        } else {
            throw new UsageException(place + " is not understood: " + WRITE + ".");
        }
    }

    private static Key key(JsonNode node, String field, String place) {
        JsonNode key = node.get(field);
        if (!key.isTextual()) {
            throw new UsageException(place + ": the key must be text.");
        }
        try {
            return Key.of(key.textValue());
        } catch (IllegalArgumentException e) {
            throw new UsageException(place + ": " + e.getMessage());
        }
    }

    /** The value in {@code value} or {@code valueBase64}. */
    static Bytes value(JsonNode node, String place) {
        JsonNode text = node.get("value");
        JsonNode base64 = node.get("valueBase64");
        if (text != null && text.isTextual()) {
            return Bytes.ofUtf8(text.textValue());
        }
        if (base64 != null && base64.isTextual()) {
            try {
                return Bytes.unsafeWrap(Base64.getDecoder().decode(base64.textValue()));
            } catch (IllegalArgumentException e) {
                throw new UsageException(place + ": the value is not base64.");
            }
        }
        throw new UsageException(place + ": the value must be text; what is no text is given as \"valueBase64\".");
    }

    /** Whether {@code node} is an object without other fields. */
    private static boolean names(JsonNode node, Set<String> known) {
        if (!node.isObject()) {
            return false;
        }
        for (Iterator<String> each = node.fieldNames(); each.hasNext(); ) {
            if (!known.contains(each.next())) {
                return false;
            }
        }
        return true;
    }
}
