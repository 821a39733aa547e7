package dev.rollcall.tck.history;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Every state that each key went through in a replay. */
final class Versions {
    private final TreeMap<String, NavigableMap<Long, Version>> byPath = new TreeMap<>();
    private final Map<Directory, List<Version>> byDirectory = new HashMap<>();

    /**
     * A key after a write.
     *
     * @param cell what it held, or null if it was absent
     * @param writer the operation that wrote it, or null if it was the end of a lease
     * @param guessed whether the revision is only a possible one
     */
    record Version(
            Key key,
            long revision,
            @Nullable Cell cell,
            @Nullable Operation writer,
            boolean guessed) {
        List<Operation> writers() {
            return writer == null ? List.of() : List.of(writer);
        }

        String by() {
            return writer == null ? "the end of a lease" : writer.toString();
        }
    }

    /** An entry and the id of its lease, or null. */
    record Cell(Entry entry, @Nullable String lease, Operation writer) {}

    void add(Version version) {
        byPath.computeIfAbsent(version.key().path(), path -> new TreeMap<>()).put(version.revision(), version);
    }

    /** The version of a key that was current at a revision, or null if it had never been written. */
    @Nullable
    Version at(Key key, long revision) {
        Map.Entry<Long, Version> entry =
                byPath.getOrDefault(key.path(), Collections.emptyNavigableMap()).floorEntry(revision);
        return entry == null ? null : entry.getValue();
    }

    /** Which keys were there before a revision. */
    Predicate<Key> before(long revision) {
        return key -> revisionAt(key, revision - 1) > 0;
    }

    /** The versions of a key after one revision and up to another. */
    Iterable<Version> between(Key key, long after, long upTo) {
        NavigableMap<Long, Version> all = byPath.getOrDefault(key.path(), Collections.emptyNavigableMap());
        return after >= upTo ? List.of() : all.subMap(after, false, upTo, true).values();
    }

    /** The revision of a key, 0 if it was absent. */
    long revisionAt(Key key, long revision) {
        Version version = at(key, revision);
        return version == null || version.cell() == null ? 0 : version.revision();
    }

    /** All versions of the keys below a directory, by revision. */
    List<Version> below(Directory directory) {
        return byDirectory.computeIfAbsent(directory, d -> {
            List<Version> all = new ArrayList<>();
            paths(d).values().forEach(versions -> all.addAll(versions.values()));
            all.sort((a, b) -> Long.compare(a.revision(), b.revision()));
            return all;
        });
    }

    /** The entries below a directory at a revision, by key. */
    SortedMap<Key, Version> stateAt(Directory directory, long revision) {
        SortedMap<Key, Version> state = new TreeMap<>();
        paths(directory).values().forEach(versions -> {
            Map.Entry<Long, Version> current = versions.floorEntry(revision);
            if (current != null && current.getValue().cell() != null) {
                state.put(current.getValue().key(), current.getValue());
            }
        });
        return state;
    }

    private SortedMap<String, NavigableMap<Long, Version>> paths(Directory directory) {
        return byPath.subMap(directory.rangeStart(), directory.rangeEnd());
    }
}
