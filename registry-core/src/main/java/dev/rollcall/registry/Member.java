package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A node as a {@link NodeView} has it.
 *
 * @param node the node
 */
public record Member<T>(Node<T> node) {
    public Member {
        requireNonNull(node, "node");
    }

    /** Whether nothing has happened from one to the other. A revision stands for one content, so values, the user's code, are not compared. */
    static boolean isSame(@Nullable Member<?> one, @Nullable Member<?> other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return isSame(one.node, other.node);
    }

    static boolean isSame(Node<?> one, Node<?> other) {
        return one.revision() == other.revision()
                && one.liveness().equals(other.liveness())
                && one.isUsable() == other.isUsable();
    }

    /** The node's id. */
    public String nodeId() {
        return node.nodeId();
    }

    /** The node's record, as it is in the store; what it says about being alive may differ from {@link #isAlive()}. */
    public T value() {
        return node.value();
    }

    /** Whether the node is alive; see {@link Liveness}. */
    public boolean isAlive() {
        return node.isAlive();
    }

    /** Whether requests may be sent to the node; see {@link Node#isUsable()}. */
    public boolean isUsable() {
        return node.isUsable();
    }
}
