package dev.rollcall.registry;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchSignal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the next cut of a view out of the present one and what the store has delivered. Without state of its own, in two steps: {@link
 * #prepare} runs the codec, {@link #apply} only puts together, so that a lock may be held.
 */
final class ViewReducer<T> {
    private final NodeKeys keys;
    private final String kind;
    private final NodeReader<T> reader;
    private final String records;
    private final String claims;
    private final String marks;

    ViewReducer(NodeKeys keys, String kind, NodeReader<T> reader) {
        this.keys = keys;
        this.kind = kind;
        this.reader = reader;
        this.records = keys.records(kind).rangeStart();
        this.claims = keys.claims(kind).rangeStart();
        this.marks = keys.marks(kind).rangeStart();
    }

    /** Whether a key is one of this kind's. */
    boolean concerns(Key key) {
        String path = key.path();
        return path.startsWith(records) || path.startsWith(claims) || path.startsWith(marks);
    }

    /** Whether two cuts have the same nodes, whatever their revisions. */
    static <T> boolean isSame(NodeSet<T> one, NodeSet<T> other) {
        List<String> different = new ArrayList<>();
        PersistentMap.diff(one.slots(), other.slots(), (nodeId, ours, theirs) -> {
            if (ours == null || theirs == null || !isSame(ours, theirs)) {
                different.add(nodeId);
            }
        });
        return different.isEmpty();
    }

    /** By revision, since comparing values would be the user's code. */
    private static <T> boolean isSame(NodeSet.Slot<T> one, NodeSet.Slot<T> other) {
        return one.revision() == other.revision() && one.claimed() == other.claimed() && one.mark() == other.mark();
    }

    private enum Part {
        RECORD,
        CLAIM,
        MARK
    }

    /** What one key holds now: {@code entry} for a record that is present, {@code present} for the others. */
    private record Item<T>(
            Part part,
            String nodeId,
            Key key,
            long revision,
            boolean present,
            @Nullable Decoded<T> entry) {
        @Nullable
        NodeEvent<T> event() {
            return entry == null ? null : entry.event();
        }
    }

    /** What is to be applied. */
    static final class Prepared<T> {
        private final boolean whole;
        private final long revision;
        private final List<Item<T>> items = new ArrayList<>();

        private Prepared(boolean whole, long revision) {
            this.whole = whole;
            this.revision = revision;
        }

        /** Whether nothing in it is of this kind. */
        boolean isEmpty() {
            return items.isEmpty();
        }
    }

    /** Decodes what is new in {@code signal}; what {@code seen} has at the same revision is taken from there. */
    Prepared<T> prepare(WatchSignal signal, NodeSet<T> seen) {
        Prepared<T> prepared = new Prepared<>(signal instanceof Snapshot, signal.revision());
        if (signal instanceof Snapshot snapshot) {
            for (KeyValue entry : snapshot.entries()) {
                add(prepared, entry.key(), entry.revision(), entry, seen);
            }
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                KeyValue entry = change instanceof Change.Put put ? put.entry() : null;
                add(prepared, change.key(), change.revision(), entry, seen);
            }
        }
        return prepared;
    }

    private void add(Prepared<T> prepared, Key key, long revision, @Nullable KeyValue entry, NodeSet<T> seen) {
        String path = key.path();
        if (path.startsWith(records)) {
            prepared.items.add(record(key, path.substring(records.length()), revision, entry, seen));
        } else if (path.startsWith(claims)) {
            String nodeId = path.substring(claims.length());
            prepared.items.add(new Item<>(Part.CLAIM, nodeId, key, revision, entry != null, null));
        } else if (path.startsWith(marks)) {
            String nodeId = path.substring(marks.length());
            prepared.items.add(new Item<>(Part.MARK, nodeId, key, revision, entry != null, null));
        }
    }

    private Item<T> record(Key key, String nodeId, long revision, @Nullable KeyValue entry, NodeSet<T> seen) {
        if (entry == null) {
            return new Item<>(Part.RECORD, nodeId, key, revision, false, null);
        }
        NodeSet.Slot<T> slot = seen.slots().get(nodeId);
        Decoded<T> known = slot == null ? null : slot.record();
        Decoded<T> record = known != null && known.revision() == revision ? known : reader.read(kind, nodeId, entry);
        return new Item<>(Part.RECORD, nodeId, key, revision, true, record);
    }

    /** The cut after {@code prepared}, or {@code cut} itself if that is not newer. */
    NodeSet<T> apply(NodeSet<T> cut, Prepared<T> prepared, boolean filling) {
        if (prepared.revision < cut.revision() || (prepared.revision == cut.revision() && cut.fillings() > 0)) {
            return filling ? new Growing<>(cut).at(cut.revision(), cut.fillings() + 1) : cut;
        }
        Growing<T> next = new Growing<>(cut);
        if (prepared.whole) {
            next.replaceAll(prepared.items);
        } else {
            for (Item<T> item : prepared.items) {
                // A cut that was listed in between has those up to its revision already.
                if (item.revision() > cut.revision()) {
                    next.put(item);
                }
            }
        }
        return next.at(prepared.revision, filling ? cut.fillings() + 1 : cut.fillings());
    }

    /**
     * What {@code prepared} has done to nodes, each once: to their records, or to their being alive. For changes that are older than {@code after},
     * what stands beside a record is as in {@code after}.
     */
    List<NodeEvent<T>> events(Prepared<T> prepared, NodeSet<T> before, NodeSet<T> after) {
        List<Event<T>> events = new ArrayList<>();
        Set<String> told = new HashSet<>();
        for (Item<T> item : prepared.items) {
            if (item.part() == Part.RECORD) {
                told.add(item.nodeId());
                events.add(
                        new Event<>(item.revision(), event(item, after.slots().get(item.nodeId()))));
            }
        }
        for (Item<T> item : prepared.whole ? List.<Item<T>>of() : prepared.items) {
            Node<T> now = after.get(item.nodeId());
            if (now != null && !Node.isSame(before.get(item.nodeId()), now) && told.add(item.nodeId())) {
                Key key = keys.record(kind, item.nodeId());
                events.add(new Event<>(item.revision(), new NodeEvent.Present<>(key, now)));
            }
        }
        if (!prepared.whole) {
            events.sort(Comparator.comparingLong(Event::revision));
        }
        return events.stream().map(Event::event).toList();
    }

    private record Event<T>(long revision, NodeEvent<T> event) {}

    private NodeEvent<T> event(Item<T> item, NodeSet.@Nullable Slot<T> slot) {
        Decoded<T> record = item.entry();
        if (record == null) {
            return new NodeEvent.Absent<>(item.key(), item.nodeId(), item.revision());
        }
        return slot == null
                ? record.event()
                : record.eventJudged(slot.claimed(), Math.min(slot.mark(), item.revision()));
    }

    /** A cut in the making. */
    private static final class Growing<T> {
        private PersistentMap<NodeSet.Slot<T>> slots;
        private PersistentMap<UnreadableEntry> unreadable;
        private int size;
        private int alive;

        Growing(NodeSet<T> cut) {
            slots = cut.slots();
            unreadable = cut.unreadableByPath();
            size = cut.size();
            alive = cut.alive();
        }

        NodeSet<T> at(long revision, long fillings) {
            return new NodeSet<>(revision, fillings, slots, unreadable, size, alive);
        }

        void put(Item<T> item) {
            NodeSet.Slot<T> slot = slots.get(item.nodeId());
            set(item.nodeId(), changed(slot, slot, item));
            if (item.part() == Part.RECORD) {
                unreadable = item.event() instanceof NodeEvent.Unreadable<T> bad
                        ? unreadable.with(item.nodeId(), bad.entry())
                        : unreadable.without(item.nodeId());
            }
        }

        /** Puts all items in and takes out what is not among them; what stays the same stays the same object. */
        void replaceAll(List<Item<T>> items) {
            Map<String, NodeSet.Slot<T>> fresh = new HashMap<>();
            PersistentMap<UnreadableEntry> freshUnreadable = PersistentMap.empty();
            for (Item<T> item : items) {
                fresh.put(item.nodeId(), changed(fresh.get(item.nodeId()), slots.get(item.nodeId()), item));
                if (item.event() instanceof NodeEvent.Unreadable<T> bad) {
                    freshUnreadable = freshUnreadable.with(item.nodeId(), bad.entry());
                }
            }
            unreadable = freshUnreadable;
            List<String> gone = new ArrayList<>();
            slots.keys(nodeId -> {
                if (!fresh.containsKey(nodeId)) {
                    gone.add(nodeId);
                }
            });
            gone.forEach(nodeId -> set(nodeId, null));
            fresh.forEach((nodeId, slot) -> {
                if (!isSame(slot, slots.get(nodeId))) {
                    set(nodeId, slot);
                }
            });
        }

        private void set(String nodeId, NodeSet.@Nullable Slot<T> slot) {
            NodeSet.Slot<T> before = slots.get(nodeId);
            count(before == null ? null : before.node(), -1);
            if (slot == null || (slot.record() == null && !slot.claimed() && slot.mark() == 0)) {
                slots = slots.without(nodeId);
            } else {
                slots = slots.with(nodeId, slot);
                count(slot.node(), 1);
            }
        }

        private void count(@Nullable Node<T> node, int by) {
            if (node != null) {
                size += by;
                alive += node.isAlive() ? by : 0;
            }
        }

        /** Whether nothing has changed; by revision, since comparing values would be the user's code. */
        private static <T> boolean isSame(NodeSet.Slot<T> slot, NodeSet.@Nullable Slot<T> other) {
            return other != null
                    && Node.isSame(slot.node(), other.node())
                    && slot.claimed() == other.claimed()
                    && slot.mark() == other.mark()
                    && slot.revision() == other.revision();
        }

        /** {@code base} with one part replaced; the node of {@code known} is kept if it still is right. */
        private static <T> NodeSet.Slot<T> changed(
                NodeSet.@Nullable Slot<T> base, NodeSet.@Nullable Slot<T> known, Item<T> item) {
            Decoded<T> record = base == null ? null : base.record();
            boolean claimed = base != null && base.claimed();
            long mark = base == null ? 0 : base.mark();
            switch (item.part()) {
                case RECORD -> record = item.entry();
                case CLAIM -> claimed = item.present();
                case MARK -> mark = item.present() ? item.revision() : 0;
            }
            Node<T> node = record == null ? null : record.judged(claimed, mark);
            Node<T> before = known == null ? null : known.node();
            return new NodeSet.Slot<>(record, claimed, mark, Node.isSame(before, node) ? before : node);
        }
    }
}
