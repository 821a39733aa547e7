package dev.rollcall.registry;

import org.jspecify.annotations.Nullable;

/**
 * An entry of a kind's directory as its codec reads it, before it is known what stands beside it.
 *
 * @param event {@code Present}, with a node that is judged by its record alone, or {@code Unreadable}
 * @param saysAlive what the record says about being alive; false if it is unreadable
 * @param saysUsable what the record says about being usable; false if it is unreadable
 */
record Decoded<T>(NodeEvent<T> event, boolean saysAlive, boolean saysUsable) {
    long revision() {
        return event.revision();
    }

    /** The node, given whether there is a claim and the revision of the mark, 0 for none; null if the entry is unreadable. */
    @Nullable
    Node<T> judged(boolean claimed, long mark) {
        if (!(event instanceof NodeEvent.Present<T> present)) {
            return null;
        }
        Node<T> node = present.node();
        Liveness liveness = Liveness.of(claimed, node.leased(), node.revision(), mark, saysAlive);
        return node.judged(liveness, liveness.isAlive() && saysUsable);
    }

    /** The event, judged likewise. */
    NodeEvent<T> eventJudged(boolean claimed, long mark) {
        Node<T> node = judged(claimed, mark);
        return node == null ? event : new NodeEvent.Present<>(event.key(), node);
    }
}
