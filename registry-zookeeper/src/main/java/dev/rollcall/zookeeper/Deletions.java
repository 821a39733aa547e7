package dev.rollcall.zookeeper;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The latest deletions of keys, by their events. Together with a list they show all changes since a revision. Each path takes one place however often it is
 * deleted, so the number of keys bounds the memory, and not the number of deletions.
 *
 * <p>A key goes in one of two ways: with its node, or, if there are nodes below it, by a write that leaves the node without data. Of a write, the
 * event does not say which it was. So the latest one to each node is remembered: if the node turns out to have been an empty directory when it
 * was {@linkplain Pruner pruned}, that was the write which deleted the key.
 */
final class Deletions {
    static final int MOST = 100_000;

    /** Nothing is known: no watch has been running. */
    private static final long NOTHING_KNOWN = Long.MAX_VALUE;

    /** Of a moment: the server did not say which it was. */
    static final long UNTOLD = -1;

    /* Concurrency: guarded by the lock of the feed that it belongs to. */
    private final Layout layout;
    private final int most;
    /** The oldest first. */
    private final LinkedHashMap<String, Moments> byPath = new LinkedHashMap<>();
    /** The latest writes to nodes that have not been deleted since, the oldest first. */
    private final LinkedHashMap<String, Moments> writes = new LinkedHashMap<>();

    private long completeAfter = NOTHING_KNOWN;
    /** Writes up to here may have been forgotten. */
    private long forgottenUpTo;

    /**
     * The latest two transactions of a kind.
     *
     * @param before 0 if none is known
     */
    private record Moments(long last, long before) {
        static Moments after(@Nullable Moments earlier, long zxid) {
            return new Moments(zxid, earlier == null ? 0 : earlier.last);
        }
    }

    Deletions(Layout layout, int most) {
        this.layout = layout;
        this.most = most;
    }

    /** Forgets everything: something may have been missed. */
    void reset() {
        byPath.clear();
        writes.clear();
        forgottenUpTo = 0;
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

    /**
     * A node was written to. Returns the transaction in which its key was deleted, should it have been: this one; 0 if that is not known.
     *
     * @param zxid the transaction; not positive if the server did not say
     */
    long written(String path, long zxid) {
        if (zxid <= 0) {
            return 0;
        }
        writes.put(path, Moments.after(writes.remove(path), zxid));
        if (writes.size() > most) {
            forgottenUpTo = Math.max(forgottenUpTo, dropOldest(writes));
        }
        return zxid;
    }

    /**
     * A node was deleted. Returns the transaction in which its key was: this one, or an earlier one if the node was a directory only; or
     * {@link #UNTOLD}.
     *
     * @param zxid the transaction; not positive if the server did not say
     * @param atLeast one that is not later than it
     */
    long deleted(String path, long zxid, long atLeast) {
        Moments written = writes.remove(path);
        if (zxid <= 0) {
            record(path, atLeast);
            return UNTOLD;
        }
        if (written == null || written.last != zxid) {
            record(path, zxid);
            return zxid;
        }
        // Pruned: written to once and deleted in one transaction, which no key ever is.
        if (written.before > 0) {
            record(path, written.before);
        } else {
            // If this directory ever had a key, that was emptied by a write which is forgotten now.
            completeAfter = Math.max(completeAfter, forgottenUpTo);
        }
        Moments known = byPath.get(path);
        return known == null ? UNTOLD : known.last;
    }

    private void record(String path, long zxid) {
        byPath.put(path, Moments.after(byPath.remove(path), zxid));
        if (byPath.size() > most) {
            completeAfter = Math.max(completeAfter, dropOldest(byPath));
        }
    }

    private static long dropOldest(LinkedHashMap<String, Moments> moments) {
        var oldest = moments.entrySet().iterator();
        long dropped = oldest.next().getValue().last;
        oldest.remove();
        return dropped;
    }

    /**
     * The keys below {@code directory} that were deleted after {@code revision} and not later than {@code end}, with the revisions of that;
     * whether they were created again afterwards is not known here.
     */
    Map<Key, Long> between(long revision, long end, Directory directory) {
        Map<Key, Long> deleted = new TreeMap<>();
        byPath.forEach((path, moments) -> {
            long zxid = moments.last > end ? moments.before : moments.last;
            Key key = zxid > revision ? layout.keyOf(path) : null;
            if (key != null && directory.covers(key)) {
                // Two deletions since the end hide the one before; it is not later than the end, which is all that is
                // known of it.
                deleted.put(key, Math.min(zxid, end));
            }
        });
        return deleted;
    }
}
