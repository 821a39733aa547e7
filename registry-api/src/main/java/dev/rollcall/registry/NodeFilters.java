package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Conditions on nodes, for {@link Selector#filter}; put together by {@link Predicate#and}, {@link Predicate#or} and {@link Predicate#negate}. */
public final class NodeFilters {
    private NodeFilters() {}

    /** Nodes that are {@linkplain Member#isAlive() alive}. */
    public static <T> Predicate<Member<T>> alive() {
        return Member::isAlive;
    }

    /** Nodes whose record says that they take requests: {@link NodeState#ONLINE}. */
    public static Predicate<Member<NodeStatus>> online() {
        return member -> member.value().state() == NodeState.ONLINE;
    }

    /** Nodes with this label of this value; none if nobody has it. */
    public static Predicate<Member<NodeStatus>> labelled(String name, String value) {
        return labelled(
                status -> status.label()
                        .<Map<String, String>>map(NodeLabel::labels)
                        .orElse(Map.of()),
                name,
                value);
    }

    /** {@link #labelled(String, String)} for records of one's own. */
    public static <T> Predicate<Member<T>> labelled(
            Function<? super T, ? extends Map<String, String>> labels, String name, String value) {
        requireNonNull(labels, "labels");
        requireNonNull(name, "name");
        requireNonNull(value, "value");
        return member -> value.equals(labels.apply(member.value()).get(name));
    }
}
