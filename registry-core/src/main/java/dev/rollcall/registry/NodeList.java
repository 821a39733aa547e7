package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * The nodes of a kind, as they were at one revision.
 *
 * @param kind the kind
 * @param nodes the nodes, sorted by id; immutable
 * @param unreadable what else is in the directory, sorted by key; immutable
 * @param revision the store revision at which this is exact
 */
public record NodeList<T>(String kind, List<Node<T>> nodes, List<UnreadableEntry> unreadable, long revision) {
    public NodeList {
        requireNonNull(kind, "kind");
        nodes = List.copyOf(nodes);
        unreadable = List.copyOf(unreadable);
    }

    /** The node with this id, or empty. Looks at each node; for many look-ups use a {@link NodeView}. */
    public Optional<Node<T>> node(String nodeId) {
        return nodes.stream().filter(node -> node.nodeId().equals(nodeId)).findFirst();
    }
}
