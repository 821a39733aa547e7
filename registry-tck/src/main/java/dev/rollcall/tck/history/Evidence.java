package dev.rollcall.tck.history;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/** Up to which revision the state of each key has been confirmed by somebody. */
final class Evidence {
    private final Map<Key, Long> keys = new HashMap<>();
    private final Map<Directory, Long> directories = new HashMap<>();

    void confirm(Key key, long revision) {
        keys.merge(key, revision, Math::max);
    }

    void confirm(Directory directory, long revision) {
        directories.merge(directory, revision, Math::max);
    }

    long lastSeen(Key key) {
        long last = keys.getOrDefault(key, 0L);
        for (Map.Entry<Directory, Long> listed : directories.entrySet()) {
            if (listed.getKey().covers(key)) {
                last = Math.max(last, listed.getValue());
            }
        }
        return last;
    }

    /** The revisions in a range that fit. */
    static LongStream range(long after, long upTo, LongPredicate fits) {
        return LongStream.rangeClosed(Math.max(after, 0) + 1, upTo).filter(fits);
    }
}
