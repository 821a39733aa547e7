package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All kinds of nodes, each from the moment when it is found. */
/* Concurrency: confined to the console's thread. */
final class NodeBoards implements Topic {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    /** Each is a view. */
    private static final int MOST_KINDS = 200;

    private static final String TOPIC = "nodes:";

    /** Somebody is there who writes the record again. */
    private static final Set<Liveness.Reason> OWNED = Set.of(Liveness.Reason.CLAIMED, Liveness.Reason.LEASED);

    private record RegistryId(Directory root, NodeLayout layout) {}

    private final KvBackend backend;
    private final KindDiscovery discovery;
    private final Executor thread;
    private final Supplier<Instant> clock;
    private final BiConsumer<String, Topic> announce;
    private final Map<RegistryId, NodeRegistry<NodeRecord>> registries = new HashMap<>();
    private final Map<KindId, KindBoard> boards = new TreeMap<>();
    private final Map<String, KindBoard> byName = new HashMap<>();
    private @Nullable ObjectNode told;
    private boolean full;

    /** @param announce gets the topic of each kind, and its name */
    NodeBoards(
            KvBackend backend,
            Map<Directory, NodeLayout> registries,
            Executor thread,
            Supplier<Instant> clock,
            BiConsumer<String, Topic> announce) {
        this.backend = backend;
        this.discovery = new KindDiscovery(registries);
        this.thread = thread;
        this.clock = clock;
        this.announce = announce;
    }

    /** A key was found. */
    void seen(String path) {
        discovery.kindOf(path).ifPresent(this::open);
    }

    private void open(KindId id) {
        if (boards.containsKey(id)) {
            return;
        }
        if (boards.size() >= MOST_KINDS) {
            if (!full) {
                full = true;
                LOG.warn("The console shows the first {} kinds only, and not '{}'.", MOST_KINDS, id.name());
            }
            return;
        }
        try {
            KindBoard board = new KindBoard(id, registry(id).view(id.kind()), thread, clock);
            boards.put(id, board);
            byName.put(id.name(), board);
            announce.accept(TOPIC + id.name(), board);
        } catch (IllegalArgumentException e) {
            // A directory that only looks like a kind's.
            LOG.debug("Not a kind: {}", id.name(), e);
        }
    }

    NodeRegistry<NodeRecord> registry(KindId id) {
        return registries.computeIfAbsent(
                new RegistryId(id.root(), id.layout()),
                of -> NodeRegistry.builder(backend, NodeRecord.codec(of.layout() == NodeLayout.TIDB_BINLOG))
                        .root(of.root())
                        .layout(of.layout())
                        .build());
    }

    Optional<KindBoard> board(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    @Override
    public byte[] state() {
        told = kinds();
        return ConsoleJson.event("kinds", told);
    }

    @Override
    public byte @Nullable [] changes(boolean followed) {
        if (!followed) {
            return null;
        }
        ObjectNode now = kinds();
        if (now.equals(told)) {
            return null;
        }
        told = now;
        return ConsoleJson.event("kinds", now);
    }

    private ObjectNode kinds() {
        ObjectNode event = ConsoleJson.object();
        ArrayNode kinds = event.putArray("kinds");
        boards.values().forEach(board -> kinds.add(board.summary()));
        return event;
    }

    /** What would undo a change of this key made by hand, for people, or empty if nothing is known to. */
    Optional<String> undoing(String path) {
        for (KindBoard board : boards.values()) {
            String start = board.id().recordKey("");
            if (path.startsWith(start)) {
                Node<NodeRecord> node = board.node(path.substring(start.length()));
                if (node != null && OWNED.contains(node.liveness().reason())) {
                    return Optional.of("This is the record of '" + node.nodeId()
                            + "', which a registration keeps: it will write its own value back at once.");
                }
            }
        }
        return Optional.empty();
    }

    void close() {
        registries.values().forEach(NodeRegistry::close);
    }
}
