package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.registry.Liveness;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeChange;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to each node of a kind since the console was started, as far as it was seen. Bounded: the last events of each node, and of all together;
 * the node for which nothing has happened longest is forgotten first.
 */
/* Concurrency: confined to the console's thread. */
final class NodeStories {
    static final int MOST_OF_A_NODE = 64;
    static final int MOST_OF_ALL = 20_000;

    /** In the order of their last events. */
    private final Map<String, Deque<Event>> stories = new LinkedHashMap<>();

    private int events;

    /** What happened to a node. The names are the page's. */
    enum Type {
        JOINED,
        BACK,
        CHANGED,
        LEFT,
        LOST,
        DEAD,
        GONE
    }

    /**
     * One event.
     *
     * @param at when it was seen here
     * @param text what happened, for people; a clause without a full stop
     * @param revision of the node's record then, or of its absence
     */
    record Event(Instant at, Type type, String text, long revision) {}

    /** Tells a node's story one step further; {@code revision} is the view's. */
    void add(NodeChange<NodeRecord> change, long revision, Instant now) {
        Node<NodeRecord> before = change.before();
        Node<NodeRecord> after = change.after();
        if (after == null) {
            add(change.nodeId(), gone(before, revision, now));
        } else if (before == null) {
            boolean known = stories.containsKey(change.nodeId());
            Type type = !after.isAlive() ? Type.DEAD : known ? Type.BACK : Type.JOINED;
            String text = (known ? "there again: " : "") + after.why();
            add(change.nodeId(), new Event(now, type, text, after.revision()));
        } else {
            add(change.nodeId(), changed(before, after, now));
        }
    }

    private static Event gone(@Nullable Node<NodeRecord> before, long revision, Instant now) {
        boolean ephemeral = before != null && before.leased();
        return new Event(
                now,
                Type.GONE,
                ephemeral ? "its ephemeral record is gone: its owner has left or was lost" : "its record was removed",
                revision);
    }

    private static Event changed(Node<NodeRecord> before, Node<NodeRecord> after, Instant now) {
        boolean written = before.revision() != after.revision();
        String what = written ? before.value().differences(after.value()) : "its record is unchanged";
        long revision = after.revision();
        if (before.isAlive() == after.isAlive()) {
            String why = before.liveness().equals(after.liveness()) ? "" : "; " + after.why();
            return new Event(now, Type.CHANGED, what + why, revision);
        }
        if (after.isAlive()) {
            return new Event(now, Type.BACK, what + "; " + after.why(), revision);
        }
        if (after.liveness().reason() != Liveness.Reason.OWNER_GONE) {
            return new Event(now, Type.DEAD, what + "; " + after.why(), revision);
        }
        // An owner that closes writes the record a last time, in the step that gives up the claim; one that is lost
        // writes nothing.
        return written
                ? new Event(now, Type.LEFT, "its owner left: " + what, revision)
                : new Event(now, Type.LOST, "its owner was lost: its claim ended, and it wrote nothing", revision);
    }

    private void add(String nodeId, Event event) {
        Deque<Event> known = stories.remove(nodeId);
        Deque<Event> story = known == null ? new ArrayDeque<>(4) : known;
        stories.put(nodeId, story);
        story.addLast(event);
        events++;
        if (story.size() > MOST_OF_A_NODE) {
            story.removeFirst();
            events--;
        }
        Iterator<Deque<Event>> eldest = stories.values().iterator();
        while (events > MOST_OF_ALL && eldest.hasNext()) {
            events -= eldest.next().size();
            eldest.remove();
        }
    }

    int size() {
        return events;
    }

    /** A node's story, oldest first. */
    void put(String nodeId, ArrayNode to) {
        for (Event event : stories.getOrDefault(nodeId, new ArrayDeque<>())) {
            ObjectNode node = to.addObject();
            node.put("at", event.at().toEpochMilli());
            node.put("type", event.type().name().toLowerCase(Locale.ROOT));
            node.put("text", event.text());
            node.put("revision", event.revision());
        }
    }
}
