package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A node as a {@link NodeView} has it.
 *
 * @param node the node
 * @param isAlive whether it is alive: its owner holds a claim on it, or its record has a lease. A record that was never kept by a {@link
 *     Registration} is as alive as {@linkplain NodeCodec#isAlive it says itself}
 */
public record Member<T>(Node<T> node, boolean isAlive) {
    public Member {
        requireNonNull(node, "node");
    }

    /** Whether nothing has happened from one to the other. A revision stands for one content, so values, the user's code, are not compared. */
    static boolean isSame(@Nullable Member<?> one, @Nullable Member<?> other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return one.node.revision() == other.node.revision() && one.isAlive == other.isAlive;
    }

    /** The node's id. */
    public String nodeId() {
        return node.nodeId();
    }

    /** The node's record, as it is in the store; what it says about being alive may differ from {@link #isAlive()}. */
    public T value() {
        return node.value();
    }
}
