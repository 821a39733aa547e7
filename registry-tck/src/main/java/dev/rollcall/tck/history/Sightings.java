package dev.rollcall.tck.history;

import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Every entry and deletion that anybody saw, once, with who saw it first. */
final class Sightings {
    private final Map<Key, TreeMap<Long, String>> values = new HashMap<>();
    private final List<Sighting> all = new ArrayList<>();
    private final Map<Long, Set<Key>> deleted = new HashMap<>();
    private final Map<Key, TreeSet<Long>> deletions = new HashMap<>();
    /** Most entries are seen over and over. */
    private final Set<WatchLog.Item> known = new HashSet<>();

    /**
     * One of them.
     *
     * @param item what was seen
     * @param reader the operation that saw it, or null
     * @param watch the watch that saw it, or null
     */
    record Sighting(
            WatchLog.Item item,
            @Nullable Operation reader,
            @Nullable WatchLog watch) {
        String who() {
            return reader == null ? String.valueOf(watch) : "#" + reader.id();
        }
    }

    Sightings(History history) {
        for (Operation operation : history.operations()) {
            forEachEntry(operation, (reader, entry) -> add(new Sighting(WatchLog.Item.put(entry), reader, null)));
        }
        for (WatchLog watch : history.watches()) {
            for (WatchLog.Delivery delivery : watch.deliveries()) {
                if (delivery.signal() instanceof WatchLog.Whole whole) {
                    whole.entries().forEach(entry -> add(new Sighting(WatchLog.Item.put(entry), null, watch)));
                } else if (delivery.signal() instanceof WatchLog.Delta delta) {
                    delta.items().forEach(item -> add(new Sighting(item, null, watch)));
                }
            }
        }
    }

    List<Sighting> all() {
        return all;
    }

    /** The value that somebody saw a key have at a revision, or null if nobody did. */
    @Nullable
    String valueAt(Key key, long revision) {
        return values.getOrDefault(key, new TreeMap<>()).get(revision);
    }

    /** The last revision before another at which somebody saw a key put, or 0. */
    long lastPut(Key key, long before) {
        Long revision = values.getOrDefault(key, new TreeMap<>()).lowerKey(before);
        return revision == null ? 0 : revision;
    }

    /** The last revision before another at which somebody saw a key deleted, or 0. */
    long lastDeletion(Key key, long before) {
        Long revision = deletions.getOrDefault(key, new TreeSet<>()).lower(before);
        return revision == null ? 0 : revision;
    }

    /** The keys that somebody saw deleted at a revision. */
    Set<Key> deletedAt(long revision) {
        return deleted.getOrDefault(revision, Set.of());
    }

    private void add(Sighting sighting) {
        if (!known.add(sighting.item())) {
            return;
        }
        all.add(sighting);
        if (sighting.item().entry() == null) {
            deleted.computeIfAbsent(sighting.item().revision(), revision -> new HashSet<>())
                    .add(sighting.item().key());
            deletions
                    .computeIfAbsent(sighting.item().key(), key -> new TreeSet<>())
                    .add(sighting.item().revision());
        } else {
            values.computeIfAbsent(sighting.item().key(), key -> new TreeMap<>())
                    .putIfAbsent(
                            sighting.item().revision(), sighting.item().entry().value());
        }
    }

    static void forEachEntry(Operation operation, BiConsumer<Operation, Entry> action) {
        if (operation.result() instanceof Result.Got got && got.entry() != null) {
            action.accept(operation, got.entry());
        } else if (operation.result() instanceof Result.Listed listed) {
            listed.entries().forEach(entry -> action.accept(operation, entry));
        }
    }
}
