package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The revisions, without values, of all entries in the directories that are watched, as of the latest cut. It tells events that changed nothing for an
 * observer, such as the creation of a directory, from those that did.
 */
final class RevisionIndex {
    /* Concurrency: guarded by the lock of the feed that it belongs to. */
    private final NavigableMap<String, Long> revisions = new TreeMap<>();
    /** The watched directories, with how often each is. */
    private final Map<Directory, Integer> covered = new HashMap<>();
    /**
     * The revisions of entries that an observer's snapshot holds, though they are newer than the latest cut. If such a one is gone again at
     * the next, that has to be told, while the revision index has never seen it. One that is newer than that cut as well has not come yet, so
     * each is kept until a cut has reached it.
     */
    private final Map<Key, NavigableSet<Long>> ahead = new HashMap<>();

    boolean isEmpty() {
        return covered.isEmpty();
    }

    boolean covers(Key key) {
        for (Directory above = key.parent(); ; above = above.parent()) {
            if (covered.containsKey(above)) {
                return true;
            }
            if (above.isRoot()) {
                return false;
            }
        }
    }

    private boolean isInside(Directory directory) {
        for (Directory above = directory; !above.isRoot(); ) {
            above = above.parent();
            if (covered.containsKey(above)) {
                return true;
            }
        }
        return false;
    }

    /** The watched directories that are in no other. */
    List<Directory> outermost() {
        return covered.keySet().stream()
                .filter(directory -> !isInside(directory))
                .sorted()
                .toList();
    }

    /** Begins to cover what an observer's snapshot shows. What was covered before stays at the latest cut, for the observers it has. */
    void cover(Snapshot snapshot) {
        Directory directory = snapshot.directory();
        boolean known = covered.containsKey(directory) || isInside(directory);
        boolean whole = false;
        try {
            for (KeyValue entry : snapshot.entries()) {
                if (known || covers(entry.key())) {
                    Long revision = revisions.get(entry.key().path());
                    if (revision == null || revision != entry.revision()) {
                        ahead.computeIfAbsent(entry.key(), first -> new TreeSet<>())
                                .add(entry.revision());
                    }
                } else {
                    revisions.put(entry.key().path(), entry.revision());
                }
            }
            covered.merge(directory, 1, Integer::sum);
            whole = true;
        } finally {
            // For want of memory: then there is no such observer.
            if (!whole) {
                range(directory).keySet().removeIf(path -> !covers(Key.of(path)));
            }
        }
    }

    /** One observer of this directory less. */
    void uncover(Directory directory) {
        Integer left = covered.merge(directory, -1, Integer::sum);
        if (left != null && left <= 0) {
            covered.remove(directory);
            range(directory).keySet().removeIf(path -> !covers(Key.of(path)));
            ahead.keySet().removeIf(key -> !covers(key));
        }
    }

    private NavigableMap<String, Long> range(Directory directory) {
        return revisions.subMap(directory.rangeStart(), true, directory.rangeEnd(), false);
    }

    /** Nothing is known any more of what is covered. */
    void forget() {
        revisions.clear();
        ahead.clear();
    }

    /** The revision of a key, or null if it is absent. */
    @Nullable
    Long revision(Key key) {
        return revisions.get(key.path());
    }

    /** Whether an observer may hold this key as it was at {@code zxid} or before, though it was not in the latest cut. */
    boolean isAhead(Key key, long zxid) {
        NavigableSet<Long> held = ahead.get(key);
        return held != null && held.first() <= zxid;
    }

    void put(Key key, long revision) {
        revisions.put(key.path(), revision);
    }

    void remove(Key key) {
        revisions.remove(key.path());
    }

    /** All is as of {@code zxid} now. */
    void cutAt(long zxid) {
        ahead.values().removeIf(held -> {
            held.headSet(zxid, true).clear();
            return held.isEmpty();
        });
    }

    /** The keys of a directory that a later snapshot of it, or of one around it, lacks. */
    List<Key> missingFrom(Snapshot later) {
        List<Key> missing = new ArrayList<>();
        for (String path : range(later.directory()).keySet()) {
            Key key = Key.of(path);
            if (later.get(key).isEmpty()) {
                missing.add(key);
            }
        }
        ahead.keySet().forEach(key -> {
            if (isAhead(key, later.revision())
                    && later.directory().covers(key)
                    && !revisions.containsKey(key.path())
                    && later.get(key).isEmpty()) {
                missing.add(key);
            }
        });
        return missing;
    }
}
