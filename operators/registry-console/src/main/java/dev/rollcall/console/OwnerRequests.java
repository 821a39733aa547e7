package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeRequest;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the owners of nodes to pause, drain or remove them. The owner does it itself, so that its registration does not undo it. */
/* Concurrency: immutable; the pool is for requests alone, since each waits for an owner. */
final class OwnerRequests {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);
    private static final String BY = "console";
    private static final int MOST_AT_ONCE = 4;
    private static final long LINGER_SECONDS = 10;

    private final NodeBoards nodes;
    private final Executor thread;
    private final ThreadPoolExecutor pool;

    /** @param thread the console's, to which the nodes are confined */
    OwnerRequests(NodeBoards nodes, Executor thread) {
        this.nodes = nodes;
        this.thread = thread;
        this.pool = new ThreadPoolExecutor(
                MOST_AT_ONCE, MOST_AT_ONCE, LINGER_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread asking = new Thread(null, task, "rollcall-console-request", 0, false);
                    asking.setDaemon(true);
                    return asking;
                });
        pool.allowCoreThreadTimeOut(true);
    }

    CompletableFuture<ObjectNode> send(JsonNode request) {
        String kind = request.path("kind").asText("");
        String nodeId = request.path("id").asText("");
        String name = request.path("request").asText("");
        NodeRequest what = Arrays.stream(NodeRequest.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("A request is one of pause, drain, remove."));
        return CompletableFuture.supplyAsync(() -> target(kind), thread)
                .thenApplyAsync(
                        target -> {
                            ask(target.registry(), target.id().kind(), nodeId, what);
                            return ConsoleJson.object().put("done", true);
                        },
                        pool);
    }

    /** Where a request goes. */
    private record Target(KindId id, NodeRegistry<NodeRecord> registry) {}

    private Target target(String kind) {
        KindId id = nodes.board(kind)
                .orElseThrow(() -> new IllegalArgumentException("There is no kind '" + kind + "'."))
                .id();
        return new Target(id, nodes.registry(id));
    }

    private static void ask(NodeRegistry<NodeRecord> registry, String kind, String nodeId, NodeRequest what) {
        try {
            registry.request(kind, nodeId, what, BY);
            LOG.info("The console asked the owner of '{}' of '{}': {}.", nodeId, kind, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The console ends.", e);
        }
    }

    void close() {
        pool.shutdownNow();
    }
}
