package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was deleted lately. With a list, which tells everything else, it is enough to say what has changed since a revision. Each path
 * takes one place however often it is deleted, so it is the number of keys that bounds it, not how busy they are.
 */
final class Deletions {
    static final int MOST = 100_000;

    /** Nothing is known: no watch has been running. */
    private static final long NOTHING_KNOWN = Long.MAX_VALUE;

    /* Concurrency: guarded by the lock of the feed that it belongs to. */
    private final Layout layout;
    private final int most;
    /** In the order of the transactions. */
    private final LinkedHashMap<String, Long> byPath = new LinkedHashMap<>();

    private long completeAfter = NOTHING_KNOWN;

    Deletions(Layout layout, int most) {
        this.layout = layout;
        this.most = most;
    }

    /** Forgets everything: something may have been missed. */
    void reset() {
        byPath.clear();
        completeAfter = NOTHING_KNOWN;
    }

    /** From here on everything will be told. */
    void beginAfter(long zxid) {
        completeAfter = zxid;
    }

    /** The same, unless that is so already. */
    void beginAtLatestAfter(long zxid) {
        if (completeAfter == NOTHING_KNOWN) {
            completeAfter = zxid;
        }
    }

    /** Whether all deletions after {@code revision} are known. */
    boolean isCompleteAfter(long revision) {
        return revision >= completeAfter;
    }

    /** @param zxid the transaction, or one that is not earlier if the server did not say */
    void record(String path, long zxid) {
        byPath.remove(path);
        byPath.put(path, zxid);
        if (byPath.size() > most) {
            var oldest = byPath.entrySet().iterator();
            completeAfter = Math.max(completeAfter, oldest.next().getValue());
            oldest.remove();
        }
    }

    /** The keys below {@code directory} that were deleted after {@code revision}, with the revisions of that. */
    Map<Key, Long> after(long revision, Directory directory) {
        Map<Key, Long> deleted = new TreeMap<>();
        byPath.forEach((path, zxid) -> {
            Key key = zxid > revision ? layout.keyOf(path) : null;
            if (key != null && directory.covers(key)) {
                deleted.put(key, zxid);
            }
        });
        return deleted;
    }
}
