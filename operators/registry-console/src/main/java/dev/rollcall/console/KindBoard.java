package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeChange;
import dev.rollcall.registry.NodeSet;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.UnreadableEntry;
import dev.rollcall.registry.ViewUpdate;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The nodes of one kind: their state, their stories, and how many were alive at which time. Fed by one view, however many browsers look. */
/* Concurrency: confined to the console's thread, but for the view, which is for any. */
final class KindBoard implements Topic {
    /** Of entries that are no nodes, this many are named. */
    private static final int MOST_UNREADABLE = 100;

    private final KindId id;
    private final NodeView<NodeRecord> view;
    private final Supplier<Instant> clock;
    private final NodeStories stories = new NodeStories();
    private final AliveHistory alive = new AliveHistory();
    private final Map<String, Node<NodeRecord>> nodes = new HashMap<>();
    private final Map<String, Instant> changed = new HashMap<>();
    private final Map<String, Instant> appeared = new HashMap<>();
    private final Set<String> dirty = new LinkedHashSet<>();
    private final Instant since;
    private boolean filled;
    private int aliveNow;
    private long revision;
    private @Nullable ObjectNode toldStatus;

    KindBoard(KindId id, NodeView<NodeRecord> view, Executor thread, Supplier<Instant> clock) {
        this.id = id;
        this.view = view;
        this.clock = clock;
        this.since = clock.get();
        view.listen(update -> thread.execute(() -> apply(update)));
    }

    KindId id() {
        return id;
    }

    NodeView<NodeRecord> view() {
        return view;
    }

    private void apply(ViewUpdate<NodeRecord> update) {
        Instant now = clock.get();
        for (NodeChange<NodeRecord> change : update.changes()) {
            Node<NodeRecord> before = change.before();
            Node<NodeRecord> after = change.after();
            aliveNow += (after != null && after.isAlive() ? 1 : 0) - (before != null && before.isAlive() ? 1 : 0);
            if (after == null) {
                nodes.remove(change.nodeId());
                changed.remove(change.nodeId());
                appeared.remove(change.nodeId());
            } else {
                nodes.put(change.nodeId(), after);
            }
            // What was there when the console came is no event.
            if (filled) {
                stories.add(change, update.revision(), now);
                if (after != null) {
                    changed.put(change.nodeId(), now);
                    if (before == null) {
                        appeared.put(change.nodeId(), now);
                    }
                }
            }
            dirty.add(change.nodeId());
        }
        filled = true;
        revision = update.revision();
        alive.add(now, aliveNow, nodes.size());
    }

    // --- What browsers are told

    @Override
    public byte[] state() {
        ObjectNode event = ConsoleJson.object();
        event.put("full", true);
        ArrayNode rows = event.putArray("nodes");
        nodes.values().forEach(node -> row(rows.addObject(), node));
        alive.put(event.putArray("alive"));
        event.put("since", since.toEpochMilli());
        event.set("status", status());
        return ConsoleJson.event("nodes", event);
    }

    @Override
    public byte @Nullable [] changes(boolean followed) {
        alive.tick(clock.get(), aliveNow, nodes.size());
        if (!followed) {
            dirty.clear();
            alive.taken();
            return null;
        }
        ObjectNode status = status();
        boolean statusChanged = !status.equals(toldStatus);
        toldStatus = status;
        if (dirty.isEmpty() && !statusChanged && !alive.hasNew()) {
            return null;
        }
        ObjectNode event = ConsoleJson.object();
        ArrayNode rows = event.putArray("nodes");
        ArrayNode gone = event.putArray("gone");
        for (String nodeId : dirty) {
            Node<NodeRecord> node = nodes.get(nodeId);
            if (node == null) {
                gone.add(nodeId);
            } else {
                row(rows.addObject(), node);
            }
        }
        dirty.clear();
        alive.putNew(event.putArray("alive"));
        event.set("status", status);
        return ConsoleJson.event("nodes", event);
    }

    private void row(ObjectNode row, Node<NodeRecord> node) {
        row.put("id", node.nodeId());
        row.put("alive", node.isAlive());
        row.put("usable", node.isUsable());
        row.put("reason", node.liveness().reason().name());
        row.put("leased", node.leased());
        row.put("revision", node.revision());
        Instant last = changed.get(node.nodeId());
        if (last != null) {
            row.put("changed", last.toEpochMilli());
        }
        Instant first = appeared.get(node.nodeId());
        if (first != null) {
            row.put("appeared", first.toEpochMilli());
        }
        node.value().summarize(row);
    }

    /** How far the view can be trusted. */
    private ObjectNode status() {
        ObjectNode status = ConsoleJson.object();
        NodeSet<NodeRecord> shown = view.nodes();
        // Of the nodes that are told with it; the view may be further by now.
        status.put("ready", filled);
        status.put("total", nodes.size());
        status.put("alive", aliveNow);
        status.put("revision", revision);
        view.staleSince().ifPresent(stale -> status.put("staleSince", stale.toEpochMilli()));
        view.protectedSince().ifPresent(at -> status.put("protectedSince", at.toEpochMilli()));
        if (view.staleSince().isPresent() || !filled) {
            view.lastFailure().map(KvException::getMessage).ifPresent(text -> status.put("failure", text));
        }
        ArrayNode unreadable = status.putArray("unreadable");
        shown.unreadable().stream()
                .limit(MOST_UNREADABLE)
                .forEach((UnreadableEntry entry) -> unreadable
                        .addObject()
                        .put("key", entry.key().path())
                        .put("revision", entry.revision())
                        .put("reason", entry.reason()));
        status.put("unreadableCount", shown.unreadable().size());
        return status;
    }

    /** For the list of kinds. */
    ObjectNode summary() {
        ObjectNode node = ConsoleJson.object();
        id.put(node);
        node.put("total", nodes.size());
        node.put("alive", aliveNow);
        node.put("stale", view.staleSince().isPresent());
        return node;
    }

    /** All about one node, or empty if it is unknown. */
    ObjectNode details(String nodeId) {
        ObjectNode details = ConsoleJson.object();
        details.put("id", nodeId);
        Node<NodeRecord> node = nodes.get(nodeId);
        details.put("present", node != null);
        if (node != null) {
            row(details, node);
            details.put("why", node.why());
            details.put("key", id.recordKey(nodeId));
            ConsoleJson.putValue(details.putObject("record"), node.value().bytes());
        }
        stories.put(nodeId, details.putArray("story"));
        details.put("since", since.toEpochMilli());
        return details;
    }

    @Nullable
    Node<NodeRecord> node(String nodeId) {
        return nodes.get(nodeId);
    }
}
