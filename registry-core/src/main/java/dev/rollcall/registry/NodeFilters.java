package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Conditions on nodes, for {@link Selector#filter}; put together by {@link Predicate#and}, {@link Predicate#or} and {@link Predicate#negate}. */
public final class NodeFilters {
    /** Below these, a timestamp of TiDB's counts within a millisecond. */
    private static final int LOGICAL_BITS = 18;

    private NodeFilters() {}

    /** Nodes that are {@linkplain Liveness alive}. */
    public static <T> Predicate<Node<T>> alive() {
        return Node::isAlive;
    }

    /** Nodes to which requests may be sent; see {@link Node#isUsable()}. For TiDB those that are alive and {@link NodeState#ONLINE}. */
    public static <T> Predicate<Node<T>> usable() {
        return Node::isUsable;
    }

    /** Nodes whose record says that they take requests: {@link NodeState#ONLINE}. Whether they are alive is another question; see {@link #usable}. */
    public static Predicate<Node<NodeStatus>> online() {
        return node -> node.value().state() == NodeState.ONLINE;
    }

    /** {@link #updatedWithin(Duration, InstantSource)} by this machine's clock. */
    public static Predicate<Node<NodeStatus>> updatedWithin(Duration limit) {
        return updatedWithin(limit, InstantSource.system());
    }

    /**
     * Nodes that have updated their record lately, by its {@link NodeStatus#updateTs()}, and those with a claim or a lease, which need no such
     * sign. For nodes in Go, which are alive as long as their state says so: a live pump or drainer writes its record every few seconds, so
     * that one which has crashed is told by its silence. The timestamps are from the clock of TiDB's placement driver; one from the future is recent.
     *
     * @param limit the greatest age, inclusive; well above the interval of the writes and the difference of the clocks
     * @throws IllegalArgumentException if it is not positive or longer than 365 days
     */
    public static Predicate<Node<NodeStatus>> updatedWithin(Duration limit, InstantSource clock) {
        Durations.check("limit", limit);
        requireNonNull(clock, "clock");
        return node -> {
            Liveness.Reason reason = node.liveness().reason();
            if (reason == Liveness.Reason.CLAIMED || reason == Liveness.Reason.LEASED) {
                return true;
            }
            Instant updated = Instant.ofEpochMilli(node.value().updateTs() >> LOGICAL_BITS);
            return !updated.isBefore(clock.instant().minus(limit));
        };
    }

    /** Nodes with this label of this value; none if nobody has it. */
    public static Predicate<Node<NodeStatus>> labelled(String name, String value) {
        return labelled(
                status -> status.label()
                        .<Map<String, String>>map(NodeLabel::labels)
                        .orElse(Map.of()),
                name,
                value);
    }

    /** {@link #labelled(String, String)} for records of one's own; {@code labels} may give null for a record without any. */
    public static <T> Predicate<Node<T>> labelled(
            Function<? super T, ? extends @Nullable Map<String, String>> labels, String name, String value) {
        requireNonNull(labels, "labels");
        requireNonNull(name, "name");
        requireNonNull(value, "value");
        return node -> {
            Map<String, String> present = labels.apply(node.value());
            return present != null && value.equals(present.get(name));
        };
    }
}
