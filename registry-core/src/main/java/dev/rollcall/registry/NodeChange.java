package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What became of one node of a view.
 *
 * @param nodeId the node's id
 * @param before the node as last told, or null if it was not there
 * @param after the node now, or null if it is gone; never null together with {@code before}
 */
public record NodeChange<T>(
        String nodeId, @Nullable Node<T> before, @Nullable Node<T> after) {
    /** What kind of change. */
    public enum Type {
        /** The node was not there and is now. */
        JOINED,
        /** The node has another record, was written again, or is alive and was not, or the other way round. */
        CHANGED,
        /** The node was there and is not now. */
        LEFT
    }

    public NodeChange {
        requireNonNull(nodeId, "nodeId");
        if (before == null && after == null) {
            throw new IllegalArgumentException("A change of '" + nodeId + "' needs a node before or after it.");
        }
    }

    /** What kind of change. */
    public Type type() {
        return before == null ? Type.JOINED : after == null ? Type.LEFT : Type.CHANGED;
    }
}
