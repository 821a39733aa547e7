package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The labels of a node. Immutable; compared by content, where a label without a map differs from one with an empty map, as in the store. */
public final class NodeLabel {
    /** By code point, which is the order of UTF-8 bytes and so Go's; Java's own order differs beyond U+FFFF. */
    private static final Comparator<String> BYTE_ORDER = NodeLabel::compareCodePoints;

    private final @Nullable SortedMap<String, String> labels;
    private final UnknownFields unknown;

    NodeLabel(@Nullable Map<String, String> labels, UnknownFields unknown) {
        if (labels == null) {
            this.labels = null;
        } else {
            TreeMap<String, String> sorted = new TreeMap<>(BYTE_ORDER);
            labels.forEach((name, value) ->
                    sorted.put(requireNonNull(name, "a label's name"), requireNonNull(value, "a label's value")));
            this.labels = Collections.unmodifiableSortedMap(sorted);
        }
        this.unknown = unknown;
    }

    /** A label with these names and values. */
    public static NodeLabel of(Map<String, String> labels) {
        return new NodeLabel(requireNonNull(labels, "labels"), UnknownFields.NONE);
    }

    /** The names and values, in the order of their bytes; unmodifiable; empty also if the store holds a label without a map. */
    public SortedMap<String, String> labels() {
        return labels == null ? Collections.emptySortedMap() : labels;
    }

    @Nullable
    SortedMap<String, String> labelsOrNull() {
        return labels;
    }

    UnknownFields unknown() {
        return unknown;
    }

    private static int compareCodePoints(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                // A surrogate stands for a code point above every other char.
                boolean highA = Character.isSurrogate(a);
                boolean highB = Character.isSurrogate(b);
                return highA == highB ? Character.compare(a, b) : highA ? 1 : -1;
            }
        }
        return Integer.compare(one.length(), other.length());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeLabel that && Objects.equals(labels, that.labels) && unknown.equals(that.unknown);
    }

    @Override
    public int hashCode() {
        return Objects.hash(labels, unknown);
    }

    /** The names and values. */
    @Override
    public String toString() {
        return labels().toString();
    }
}
