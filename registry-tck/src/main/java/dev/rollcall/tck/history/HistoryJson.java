package dev.rollcall.tck.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/** Writes histories as JSON and reads them back; the format is that of {@code docs/histories.md}. */
public final class HistoryJson {
    /** The version of the format that is written, and the only one that is read. */
    public static final int FORMAT = 1;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private HistoryJson() {}

    /** Writes a history to a file, whose directory must exist. */
    public static void write(History history, Path file) {
        try {
            Files.writeString(file, toJson(history));
        } catch (IOException e) {
            throw new UncheckedIOException("The history cannot be written to " + file + ".", e);
        }
    }

    /** Reads a history from a file. */
    public static History read(Path file) {
        try {
            return fromJson(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("The history cannot be read from " + file + ".", e);
        }
    }

    /** The JSON text of a history. */
    public static String toJson(History history) {
        ObjectNode root = MAPPER.createObjectNode().put("format", FORMAT);
        all(root.putArray("operations"), history.operations(), HistoryJson::put);
        all(root.putArray("watches"), history.watches(), HistoryJson::put);
        all(root.putArray("marks"), history.marks(), HistoryJson::put);
        return root.toPrettyString();
    }

    /**
     * The history that a JSON text tells.
     *
     * @throws IllegalArgumentException if it tells none
     */
    public static History fromJson(String json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A history must be JSON, but this is not.", e);
        }
        if (root.path("format").asInt() != FORMAT) {
            throw new IllegalArgumentException("A history must have the format " + FORMAT + ", but this one has "
                    + HistoryParser.shown(root.path("format")) + ".");
        }
        return HistoryParser.history(root);
    }

    private static <T> void all(ArrayNode array, List<T> items, BiConsumer<ObjectNode, T> put) {
        items.forEach(item -> put.accept(array.addObject(), item));
    }

    private static void put(ObjectNode node, Operation operation) {
        node.put("id", operation.id()).put("client", operation.client());
        put(node.putArray("called"), operation.called());
        if (operation.returned() != null) {
            put(node.putArray("returned"), operation.returned());
        }
        put(node.putObject("call"), operation.call());
        put(node.putObject("result"), operation.result());
    }

    private static void put(ArrayNode array, Moment moment) {
        array.add(moment.nanos()).add(moment.order());
    }

    private static void put(ObjectNode node, Call call) {
        if (call instanceof Call.Get get) {
            node.put("get", get.key().path())
                    .put("consistency", get.consistency().name());
        } else if (call instanceof Call.Entries list) {
            node.put("list", list.directory().path())
                    .put("consistency", list.consistency().name());
        } else if (call instanceof Call.Keys keys) {
            node.put("keys", keys.directory().path());
        } else if (call instanceof Call.Children children) {
            node.put("children", children.directory().path());
        } else if (call instanceof Call.Commit commit) {
            ObjectNode txn = node.putObject("commit");
            all(txn.putArray("if"), commit.conditions(), HistoryJson::put);
            all(txn.putArray("then"), commit.writes(), HistoryJson::put);
        }
    }

    private static void put(ObjectNode node, Condition condition) {
        if (condition instanceof Condition.RevisionIs expected) {
            node.put("revision", expected.revision());
        } else {
            node.put("present", condition instanceof Condition.Present);
        }
        node.put("key", condition.key().path());
    }

    private static void put(ObjectNode node, Edit write) {
        node.put(write.isDelete() ? "delete" : "put", write.key().path());
        if (!write.isDelete()) {
            node.put("value", write.value());
        }
        if (write.lease() != null) {
            node.put("lease", write.lease());
        }
    }

    private static void put(ObjectNode node, Result result) {
        if (result.revisionOrNone() >= 0) {
            node.put("revision", result.revisionOrNone());
        }
        if (result instanceof Result.Got got) {
            node.put("type", "got");
            if (got.entry() != null) {
                put(node.putObject("entry"), got.entry());
            }
        } else if (result instanceof Result.Listed listed) {
            all(node.put("type", "listed").putArray("entries"), listed.entries(), HistoryJson::put);
        } else if (result instanceof Result.KeysListed listed) {
            ArrayNode keys = node.put("type", "keys").putArray("keys");
            listed.keys().forEach(key -> keys.add(key.path()));
        } else if (result instanceof Result.ChildrenListed listed) {
            ArrayNode names = node.put("type", "children").putArray("names");
            listed.names().forEach(names::add);
        } else if (result instanceof Result.Committed) {
            node.put("type", "committed");
        } else if (result instanceof Result.ConditionFailed failed) {
            node.put("type", "conditionFailed")
                    .put("condition", failed.condition())
                    .put("actual", failed.actualRevision());
        } else if (result instanceof Result.NotApplied failed) {
            node.put("type", "notApplied").put("reason", failed.reason());
        } else if (result instanceof Result.Unknown failed) {
            node.put("type", "unknown").put("reason", failed.reason());
        } else {
            node.put("type", "pending");
        }
    }

    private static void put(ObjectNode node, Entry entry) {
        node.put("key", entry.key().path()).put("value", entry.value()).put("revision", entry.revision());
        if (entry.leased()) {
            node.put("leased", true);
        }
    }

    private static void put(ObjectNode node, WatchLog watch) {
        node.put("id", watch.id())
                .put("client", watch.client())
                .put("directory", watch.directory().path())
                .put("start", watch.start().name())
                .put("after", watch.after())
                .put("owed", watch.owed());
        put(node.putArray("opened"), watch.opened());
        if (watch.closed() != null) {
            put(node.putArray("closed"), watch.closed());
        }
        all(node.putArray("deliveries"), watch.deliveries(), HistoryJson::put);
    }

    private static void put(ObjectNode node, WatchLog.Delivery delivery) {
        put(node.putArray("at"), delivery.at());
        if (delivery.signal() instanceof WatchLog.Whole whole) {
            node.put("revision", whole.revision());
            all(node.putArray("snapshot"), whole.entries(), HistoryJson::put);
        } else if (delivery.signal() instanceof WatchLog.Delta delta) {
            node.put("revision", delta.revision());
            all(node.putArray("changes"), delta.items(), HistoryJson::put);
        } else if (delivery.signal() instanceof WatchLog.End end) {
            node.put("end", end.cause());
        }
    }

    private static void put(ObjectNode node, WatchLog.Item item) {
        if (item.entry() == null) {
            node.put("deleted", item.key().path()).put("revision", item.revision());
        } else {
            put(node, item.entry());
        }
    }

    private static void put(ObjectNode node, Mark mark) {
        node.put("text", mark.text());
        put(node.putArray("from"), mark.from());
        if (mark.until() != null) {
            put(node.putArray("until"), mark.until());
        }
    }
}
