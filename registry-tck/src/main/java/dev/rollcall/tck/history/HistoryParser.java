package dev.rollcall.tck.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads what {@link HistoryJson} writes. */
final class HistoryParser {
    /** How much of what is wrong a message shows. */
    private static final int SHOWN = 200;

    private HistoryParser() {}

    static History history(JsonNode root) {
        return new History(
                all(root.path("operations"), HistoryParser::operation),
                all(root.path("watches"), HistoryParser::watch),
                all(root.path("marks"), HistoryParser::mark));
    }

    private static <T> List<T> all(JsonNode array, Function<JsonNode, T> parse) {
        return StreamSupport.stream(array.spliterator(), false).map(parse).toList();
    }

    private static Operation operation(JsonNode node) {
        return new Operation(
                required(node, "id").asInt(),
                required(node, "client").asText(),
                call(required(node, "call")),
                moment(required(node, "called")),
                momentOrNull(node.get("returned")),
                result(required(node, "result")));
    }

    private static JsonNode required(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new IllegalArgumentException("A history lacks '" + name + "' in " + shown(node) + ".");
        }
        return value;
    }

    /** JSON for a message: on one line and not long. */
    static String shown(JsonNode node) {
        String text = node.toString();
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            shown.append(Character.isISOControl(text.charAt(i)) ? '?' : text.charAt(i));
        }
        return text.length() > SHOWN ? shown.append('…').toString() : shown.toString();
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode node, String name) {
        String text = required(node, name).asText();
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("A history has an unknown '" + name + "' in " + shown(node) + ".");
    }

    /** A revision; 0 where there is none. */
    private static long revision(JsonNode node) {
        long revision = node.path("revision").asLong();
        if (revision < 0) {
            throw new IllegalArgumentException("A history has a negative revision in " + shown(node) + ".");
        }
        return revision;
    }

    private static Moment moment(JsonNode node) {
        return new Moment(node.path(0).asLong(), node.path(1).asLong());
    }

    private static @Nullable Moment momentOrNull(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : moment(node);
    }

    private static Key key(JsonNode node, String name) {
        return Key.of(required(node, name).asText());
    }

    private static Directory directory(JsonNode node, String name) {
        return Directory.of(required(node, name).asText());
    }

    private static Call call(JsonNode node) {
        Iterator<String> names = node.fieldNames();
        String name = names.hasNext() ? names.next() : "";
        return switch (name) {
            case "get" -> new Call.Get(key(node, name), consistency(node));
            case "list" -> new Call.Entries(directory(node, name), consistency(node));
            case "keys" -> new Call.Keys(directory(node, name));
            case "children" -> new Call.Children(directory(node, name));
            case "commit" ->
                new Call.Commit(
                        all(node.path(name).path("if"), HistoryParser::condition),
                        all(node.path(name).path("then"), HistoryParser::edit));
            default -> throw new IllegalArgumentException("A history has an unknown call, " + shown(node) + ".");
        };
    }

    private static ReadConsistency consistency(JsonNode node) {
        return constant(ReadConsistency.class, node, "consistency");
    }

    private static Condition condition(JsonNode node) {
        Key key = key(node, "key");
        if (node.has("revision")) {
            return new Condition.RevisionIs(key, node.path("revision").asLong());
        }
        return required(node, "present").asBoolean() ? new Condition.Present(key) : new Condition.Absent(key);
    }

    private static Edit edit(JsonNode node) {
        if (node.has("delete")) {
            return Edit.delete(key(node, "delete"));
        }
        JsonNode lease = node.get("lease");
        return new Edit(key(node, "put"), required(node, "value").asText(), lease == null ? null : lease.asText());
    }

    private static Result result(JsonNode node) {
        String type = required(node, "type").asText();
        long revision = revision(node);
        return switch (type) {
            case "got" -> new Result.Got(node.has("entry") ? entry(node.path("entry")) : null, revision);
            case "listed" -> new Result.Listed(all(node.path("entries"), HistoryParser::entry), revision);
            case "keys" -> new Result.KeysListed(all(node.path("keys"), key -> Key.of(key.asText())), revision);
            case "children" -> new Result.ChildrenListed(all(node.path("names"), JsonNode::asText));
            case "committed" -> new Result.Committed(revision);
            case "conditionFailed" ->
                new Result.ConditionFailed(
                        required(node, "condition").asInt(),
                        required(node, "actual").asLong());
            case "notApplied" -> new Result.NotApplied(node.path("reason").asText());
            case "unknown" -> new Result.Unknown(node.path("reason").asText());
            case "pending" -> new Result.Pending();
            default -> throw new IllegalArgumentException("A history has an unknown result, " + shown(node) + ".");
        };
    }

    private static Entry entry(JsonNode node) {
        return new Entry(
                key(node, "key"),
                required(node, "value").asText(),
                required(node, "revision").asLong(),
                node.path("leased").asBoolean());
    }

    private static WatchLog watch(JsonNode node) {
        return new WatchLog(
                required(node, "id").asInt(),
                required(node, "client").asText(),
                directory(node, "directory"),
                constant(WatchLog.Start.class, node, "start"),
                node.path("after").asLong(),
                moment(required(node, "opened")),
                momentOrNull(node.get("closed")),
                node.path("owed").asLong(),
                all(node.path("deliveries"), HistoryParser::delivery));
    }

    private static WatchLog.Delivery delivery(JsonNode node) {
        Moment at = moment(required(node, "at"));
        long revision = revision(node);
        if (node.has("snapshot")) {
            return new WatchLog.Delivery(
                    at, new WatchLog.Whole(all(node.path("snapshot"), HistoryParser::entry), revision));
        } else if (node.has("changes")) {
            return new WatchLog.Delivery(
                    at, new WatchLog.Delta(all(node.path("changes"), HistoryParser::item), revision));
        }
        JsonNode cause = required(node, "end");
        return new WatchLog.Delivery(at, new WatchLog.End(cause.isNull() ? null : cause.asText()));
    }

    private static WatchLog.Item item(JsonNode node) {
        return node.has("deleted")
                ? WatchLog.Item.delete(
                        key(node, "deleted"), required(node, "revision").asLong())
                : WatchLog.Item.put(entry(node));
    }

    private static Mark mark(JsonNode node) {
        return new Mark(
                required(node, "text").asText(), moment(required(node, "from")), momentOrNull(node.get("until")));
    }
}
