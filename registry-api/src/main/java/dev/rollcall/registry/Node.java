package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

/**
 * A node as the store had it.
 *
 * @param kind the kind, such as {@link NodeKinds#PUMPS}
 * @param nodeId the id, unique within the kind
 * @param value the decoded record
 * @param revision the revision of the last write to it; the token for {@link NodeRegistry#removeNode(String, String, long)}
 * @param leased whether the record goes when a lease ends
 */
public record Node<T>(String kind, String nodeId, T value, long revision, boolean leased) {
    public Node {
        requireNonNull(kind, "kind");
        requireNonNull(nodeId, "nodeId");
        requireNonNull(value, "value");
    }
}
