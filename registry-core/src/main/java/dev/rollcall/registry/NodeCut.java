package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.AbstractCollection;
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
 * All nodes of a kind as they were together at one revision, with what was known then about their being alive. Immutable; two cuts of one view
 * share what is the same in both.
 */
public final class NodeCut<T> {
    /**
     * Everything known about one id.
     *
     * @param record what is at the record's key, or null if nothing is
     * @param claimed whether there is a claim
     * @param mark the revision of the mark, or 0 if there is none
     * @param member what users see, or null if the record is absent or unreadable
     */
    record Slot<T>(
            @Nullable Decoded<T> record,
            boolean claimed,
            long mark,
            @Nullable Member<T> member) {
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
    private volatile @Nullable List<Member<T>> sorted;

    NodeCut(
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

    static <T> NodeCut<T> empty() {
        return new NodeCut<>(0, 0, PersistentMap.empty(), PersistentMap.empty(), 0, 0);
    }

    /** The store revision at which this is exact; 0 if the view has not been filled yet. */
    public long revision() {
        return revision;
    }

    /** The same store no longer: no revision from before means anything. Counts in the upper half of {@link #fillings()}. */
    NodeCut<T> forgotten() {
        return new NodeCut<>(
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

    PersistentMap<UnreadableEntry> poisonByPath() {
        return unreadable;
    }

    /** The node with this id, or null. Neither locks nor allocates. */
    public @Nullable Member<T> get(String nodeId) {
        Slot<T> slot = slots.get(requireNonNull(nodeId, "nodeId"));
        return slot == null ? null : slot.member();
    }

    /** The number of nodes. */
    public int size() {
        return size;
    }

    /** The number of nodes that are alive. */
    public int alive() {
        return alive;
    }

    /** All nodes, in no particular order; unmodifiable. */
    public Collection<Member<T>> nodes() {
        return new Members<>(this);
    }

    /** All nodes, sorted by id; immutable, and made only once for each cut. */
    public List<Member<T>> sorted() {
        List<Member<T>> known = sorted;
        if (known == null) {
            known = nodes().stream()
                    .sorted(Comparator.comparing(Member::nodeId))
                    .toList();
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

    /** The revision and the number of nodes. */
    @Override
    public String toString() {
        return "NodeCut[" + size + " nodes, revision " + revision + "]";
    }

    private static final class Members<T> extends AbstractCollection<Member<T>> {
        private final NodeCut<T> cut;

        Members(NodeCut<T> cut) {
            this.cut = cut;
        }

        @Override
        public int size() {
            return cut.size;
        }

        @Override
        public Iterator<Member<T>> iterator() {
            Iterator<Slot<T>> slots = cut.slots.values();
            return new Iterator<>() {
                private @Nullable Member<T> ahead = advance();

                private @Nullable Member<T> advance() {
                    while (slots.hasNext()) {
                        Member<T> member = slots.next().member();
                        if (member != null) {
                            return member;
                        }
                    }
                    return null;
                }

                @Override
                public boolean hasNext() {
                    return ahead != null;
                }

                @Override
                public Member<T> next() {
                    Member<T> next = ahead;
                    if (next == null) {
                        throw new NoSuchElementException();
                    }
                    ahead = advance();
                    return next;
                }
            };
        }
    }
}
