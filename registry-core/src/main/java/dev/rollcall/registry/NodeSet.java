package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.AbstractSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * All nodes of a kind, as {@link NodeRegistry#nodes} reads them and as a {@link NodeView} shows them: their records as they were together at one revision, and
 * who is alive as of the same, but for one layout that {@code nodes} names. A set of nodes, each id once, in no particular order; {@link #sorted()} has them by
 * id. Immutable: what comes later does not change it, and two sets of one view share what is the same in both. As a set it equals every set of
 * the same nodes, whatever its revision.
 */
public final class NodeSet<T> extends AbstractSet<Node<T>> {
    /**
     * Everything known about one id.
     *
     * @param record what is at the record's key, or null if nothing is
     * @param claimed whether there is a claim
     * @param mark the revision of the mark, or 0 if there is none
     * @param node what users see, or null if the record is absent or unreadable
     */
    record Slot<T>(
            @Nullable Decoded<T> record,
            boolean claimed,
            long mark,
            @Nullable Node<T> node) {
        /** The revision of the record, or 0 if there is none. */
        long revision() {
            return record == null ? 0 : record.revision();
        }
    }

    private final long revision;
    private final long fillings;
    private final PersistentMap<Slot<T>> slots;
    private final PersistentMap<UnreadableEntry> unreadable;
    private final int size;
    private final int alive;

    /** Made when it is first asked for; two threads may make it twice, which does not matter. */
    private volatile @Nullable List<Node<T>> sorted;

    NodeSet(
            long revision,
            long fillings,
            PersistentMap<Slot<T>> slots,
            PersistentMap<UnreadableEntry> unreadable,
            int size,
            int alive) {
        this.revision = revision;
        this.fillings = fillings;
        this.slots = slots;
        this.unreadable = unreadable;
        this.size = size;
        this.alive = alive;
    }

    static <T> NodeSet<T> empty() {
        return new NodeSet<>(0, 0, PersistentMap.empty(), PersistentMap.empty(), 0, 0);
    }

    /**
     * A set of these nodes, for tests of what takes one.
     *
     * @throws IllegalArgumentException if {@code revision} is negative, or two nodes have the same id
     */
    public static <T> NodeSet<T> of(long revision, Collection<Node<T>> nodes, Collection<UnreadableEntry> unreadable) {
        if (revision < 0) {
            throw new IllegalArgumentException("A revision is never negative, but this one is " + revision + ".");
        }
        PersistentMap<Slot<T>> slots = PersistentMap.empty();
        int alive = 0;
        for (Node<T> node : nodes) {
            slots = slots.with(node.nodeId(), new Slot<>(null, false, 0, node));
            alive += node.isAlive() ? 1 : 0;
        }
        if (slots.size() != nodes.size()) {
            throw new IllegalArgumentException(
                    "Each id must be there once, but " + nodes.size() + " nodes have " + slots.size() + " ids.");
        }
        PersistentMap<UnreadableEntry> others = PersistentMap.empty();
        for (UnreadableEntry entry : unreadable) {
            others = others.with(entry.key().path(), entry);
        }
        return new NodeSet<>(revision, 1, slots, others, nodes.size(), alive);
    }

    /** The store revision at which this is exact; 0 in a view that has not been filled yet. */
    public long revision() {
        return revision;
    }

    /** The same store no longer: no revision from before means anything. Counts in the upper half of {@link #fillings()}. */
    NodeSet<T> forgotten() {
        return new NodeSet<>(
                0, ((epoch() + 1) << 32) + (int) fillings, PersistentMap.empty(), PersistentMap.empty(), 0, 0);
    }

    /** How often the store has gone back. */
    long epoch() {
        return fillings >>> 32;
    }

    /** How often the view had been filled anew. */
    long fillings() {
        return fillings;
    }

    PersistentMap<Slot<T>> slots() {
        return slots;
    }

    PersistentMap<UnreadableEntry> unreadableByPath() {
        return unreadable;
    }

    /** The node with this id, or null. Neither locks nor allocates. */
    public @Nullable Node<T> get(String nodeId) {
        Slot<T> slot = slots.get(requireNonNull(nodeId, "nodeId"));
        return slot == null ? null : slot.node();
    }

    /** Whether this very node is among them; found by its id. */
    @Override
    public boolean contains(@Nullable Object other) {
        return other instanceof Node<?> node && node.equals(get(node.nodeId()));
    }

    /** The number of nodes. */
    @Override
    public int size() {
        return size;
    }

    /** The number of nodes that are alive. */
    public int alive() {
        return alive;
    }

    /** All nodes, sorted by id; immutable, and made only once for each set. */
    public List<Node<T>> sorted() {
        List<Node<T>> known = sorted;
        if (known == null) {
            known = stream().sorted(Comparator.comparing(Node::nodeId)).toList();
            sorted = known;
        }
        return known;
    }

    /** What is in the kind's directory and is not a node, sorted by key; immutable. */
    public List<UnreadableEntry> unreadable() {
        return StreamSupport.stream(
                        Spliterators.spliterator(unreadable.values(), unreadable.size(), Spliterator.IMMUTABLE), false)
                .sorted(Comparator.comparing(UnreadableEntry::key))
                .toList();
    }

    /** The nodes, in no particular order; does not remove. */
    @Override
    public Iterator<Node<T>> iterator() {
        return new Nodes<>(slots.values());
    }

    /** The revision and the number of nodes. */
    @Override
    public String toString() {
        return "NodeSet[" + size + " nodes, revision " + revision + "]";
    }

    /** The slots that have one. */
    private static final class Nodes<T> implements Iterator<Node<T>> {
        private final Iterator<Slot<T>> slots;
        private @Nullable Node<T> ahead;

        Nodes(Iterator<Slot<T>> slots) {
            this.slots = slots;
            this.ahead = advance(slots);
        }

        private static <T> @Nullable Node<T> advance(Iterator<Slot<T>> slots) {
            while (slots.hasNext()) {
                Node<T> node = slots.next().node();
                if (node != null) {
                    return node;
                }
            }
            return null;
        }

        @Override
        public boolean hasNext() {
            return ahead != null;
        }

        @Override
        public Node<T> next() {
            Node<T> next = ahead;
            if (next == null) {
                throw new NoSuchElementException();
            }
            ahead = advance(slots);
            return next;
        }
    }
}
