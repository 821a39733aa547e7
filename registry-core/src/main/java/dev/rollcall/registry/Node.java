package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A node as the store had it: as it was read, as a watch tells it, or as a view shows it.
 *
 * @param kind the kind, such as {@link NodeKinds#PUMPS}
 * @param nodeId the id, unique within the kind
 * @param value the decoded record, as it is in the store; what it says about being alive may differ from {@link #isAlive()}
 * @param revision the revision of the last write to it; the token for {@link NodeRegistry#removeNode(String, String, long)}
 * @param leased whether the record goes when a lease ends
 * @param liveness whether the node is alive, and why
 * @param isUsable whether requests may be sent to it: it is alive, and its record {@linkplain NodeCodec#isUsable says so}
 */
public record Node<T>(
        String kind, String nodeId, T value, long revision, boolean leased, Liveness liveness, boolean isUsable) {
    public Node {
        requireNonNull(kind, "kind");
        requireNonNull(nodeId, "nodeId");
        requireNonNull(value, "value");
        requireNonNull(liveness, "liveness");
    }

    /** Whether the node is alive. */
    public boolean isAlive() {
        return liveness.isAlive();
    }

    /** Why the node is alive or not, for people: a clause without a full stop. */
    public String why() {
        return liveness.why();
    }

    /** Whether nothing has happened from one to the other. A revision stands for one content, so values, the user's code, are not compared. */
    static boolean isSame(@Nullable Node<?> one, @Nullable Node<?> other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return one.revision == other.revision && one.liveness.equals(other.liveness) && one.isUsable == other.isUsable;
    }

    /** This node, judged anew. */
    Node<T> judged(Liveness newLiveness, boolean usable) {
        return liveness.equals(newLiveness) && isUsable == usable
                ? this
                : new Node<>(kind, nodeId, value, revision, leased, newLiveness, usable);
    }
}
