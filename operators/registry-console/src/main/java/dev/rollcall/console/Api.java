package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.eclipse.jetty.util.Fields;

/** The requests of the page: reads, and changes if they are allowed. */
/* Concurrency: the boards are confined to the console's thread, but for what says otherwise. */
final class Api {
    private final KvBackend backend;
    private final ConsoleOptions options;
    private final NodeBoards nodes;
    private final KeyBoard keys;
    private final Edits edits;
    private final OwnerRequests requests;
    private final Broadcaster broadcaster;
    private final Executor thread;

    Api(
            KvBackend backend,
            ConsoleOptions options,
            NodeBoards nodes,
            KeyBoard keys,
            Edits edits,
            OwnerRequests requests,
            Broadcaster broadcaster,
            Executor thread) {
        this.backend = backend;
        this.options = options;
        this.nodes = nodes;
        this.keys = keys;
        this.edits = edits;
        this.requests = requests;
        this.broadcaster = broadcaster;
        this.thread = thread;
    }

    void follow(EventStream stream) {
        thread.execute(() -> {
            if (broadcaster.isFull()) {
                stream.refuse(Broadcaster.MOST_STREAMS
                        + " pages follow this console already, and it serves no more. Close some of them.");
            } else {
                broadcaster.join(stream);
            }
        });
    }

    // --- Reading

    CompletableFuture<ObjectNode> read(String what, Fields parameters) {
        return switch (what) {
            case "about" -> CompletableFuture.completedFuture(about());
            case "node" -> node(parameters);
            case "tree" ->
                keys.level(
                        Directory.of(required(parameters, "directory")),
                        Optional.ofNullable(parameters.getValue("after")).orElse(""));
            case "search" -> CompletableFuture.completedFuture(keys.search(required(parameters, "q")));
            case "key" -> key(Key.of(required(parameters, "path")));
            default -> throw new IllegalArgumentException("Unknown: '" + what + "'.");
        };
    }

    private static String required(Fields parameters, String name) {
        String value = parameters.getValue(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("The parameter '" + name + "' is missing.");
        }
        return value;
    }

    private ObjectNode about() {
        ObjectNode about = ConsoleJson.object();
        about.put("store", backend.name());
        about.put("changesAllowed", options.areChangesAllowed());
        String url = options.backendUrl();
        if (url != null) {
            about.put("backendUrl", url);
        }
        return about;
    }

    private CompletableFuture<ObjectNode> node(Fields parameters) {
        String kind = required(parameters, "kind");
        String nodeId = required(parameters, "id");
        return onThread(() -> nodes.board(kind)
                .orElseThrow(() -> new IllegalArgumentException("There is no kind '" + kind + "'."))
                .details(nodeId));
    }

    private CompletableFuture<ObjectNode> key(Key key) {
        return backend.get(key)
                .thenCompose(found -> onThread(() -> {
                    ObjectNode node = ConsoleJson.object();
                    node.put("key", key.path());
                    node.put("storeRevision", found.revision());
                    KeyValue entry = found.entryOrNull();
                    node.put("present", entry != null);
                    if (entry != null) {
                        node.put("revision", entry.revision());
                        node.put("leased", entry.leased());
                        ConsoleJson.putValue(node.putObject("value"), entry.value());
                    }
                    warning(key).ifPresent(text -> node.put("warning", text));
                    return node;
                }));
    }

    private Optional<String> warning(Key key) {
        return nodes.undoing(key.path());
    }

    private <T> CompletableFuture<T> onThread(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, thread);
    }

    // --- Changing

    CompletableFuture<ObjectNode> change(String what, JsonNode request) {
        if (!options.areChangesAllowed()) {
            throw new ReadOnlyException();
        }
        return switch (what) {
            case "put" -> edits.put(request);
            case "delete" -> edits.delete(request);
            case "copy" -> edits.copy(request);
            case "request" -> requests.send(request);
            case "measure" -> edits.measure();
            default -> throw new IllegalArgumentException("Unknown: '" + what + "'.");
        };
    }
}
