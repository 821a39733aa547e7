package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Turns watch events, which only name paths, into cuts: the data of all paths at one moment.
 *
 * <p>Reads and events share one ordered stream, so when a read is answered, every event up to its zxid has come. If then no other path is
 * known to have changed, the values read so far are those of that very zxid. Otherwise the rest is read, and so on. Under constant writes a
 * round never finds all paths unchanged; then the next reply still closes the round before, provided that what was missing in it shows by its
 * own mzxid that it has not changed since. To make that likely, paths that change all the time are read in every round.
 */
final class CutAssembler {
    /** Told of cuts, in order. */
    interface Sink {
        /**
         * Everything that changed since the cut before, as it was at {@code zxid}.
         *
         * @param later the paths that are known to have changed since, with the deletions told of last; they come with the next cut
         */
        void cut(Map<String, Observed> changed, long zxid, Map<String, Long> later);

        /** No more cuts come, because a read failed so, for this node if that is known. */
        void broken(Code code, @Nullable String node);
    }

    /** Reads all of these at one moment. */
    interface Reader {
        void read(List<String> paths, java.util.function.Consumer<Reply> answer);
    }

    /**
     * A path as it was read.
     *
     * @param deletedAt the transaction in which the key there was deleted last, if there is none: 0 if no event told of it, -1 if the event did not
     *     say which it was
     */
    record Observed(Znode node, long deletedAt) {
        /** Whether it shows, by itself, that it was the same at {@code zxid}. */
        boolean isOldAt(long zxid) {
            return node.stat() == null
                    ? deletedAt > 0 && deletedAt <= zxid
                    : node.stat().getMzxid() <= zxid;
        }
    }

    /** The most paths of a read, and the most that are read again on the chance that they have changed. */
    static final int MOST = 256;

    private static final int MOST_HOT = 128;
    /** Of a read. It is larger than a list's, since all that has changed should be read at once. */
    private static final long MOST_BYTES = 8L << 20;

    /* Concurrency: confined to the event thread of the session whose events and answers these are. */
    private final Reader reader;
    private final Sink sink;
    private final ReplyBudget budget;
    /** Paths that have changed since they were read, with the deletion told of last. */
    private final Map<String, Long> dirty = new LinkedHashMap<>();

    /** What was read since the last cut. */
    private Map<String, Observed> settled = new HashMap<>();
    /** What changed while the last two reads were under way. */
    private Set<String> hot = new LinkedHashSet<>();

    private Set<String> hotBefore = new LinkedHashSet<>();
    /** The zxid of the last reply, and what was known to have changed by then without having been read; null if there is none to close. */
    private @Nullable Set<String> missing;

    private long missingAt;
    private boolean reading;
    private boolean held;
    private boolean over;

    /** @param held whether to wait for {@link #release} before the first round */
    CutAssembler(Reader reader, Sink sink, ReplyBudget budget, boolean held) {
        this.budget = budget;
        this.reader = reader;
        this.sink = sink;
        this.held = held;
    }

    /**
     * An event names this path.
     *
     * @param deletedAt as for {@link Observed}; with 0 what is known already stays
     */
    void touched(String path, long deletedAt) {
        Long before = dirty.get(path);
        if (before == null) {
            Observed known = settled.get(path);
            before = known == null ? 0L : known.deletedAt();
        }
        dirty.put(path, deletedAt == 0 ? before : deletedAt);
        if (reading && hot.size() < MOST_HOT) {
            hot.add(path);
        }
        next();
    }

    /** Whether the path comes with a cut that has not been told yet. */
    boolean isPending(String path) {
        return dirty.containsKey(path) || settled.containsKey(path);
    }

    /** More will be watched than these paths: what was read elsewhere, while it was watched before, may have changed unnoticed since. */
    void forgetUnless(Predicate<String> watched) {
        settled.keySet().removeIf(watched.negate());
        dirty.keySet().removeIf(watched.negate());
    }

    /** Somebody watches now who lacks these changes; some may have come before the last reply, which they were not known to lack. */
    void joined(Map<String, Long> later) {
        if (missing != null) {
            missing.addAll(later.keySet());
        }
        later.forEach(this::touched);
    }

    /** Ends the wait: what was read by others is exact at {@code zxid}, but for what has been touched. */
    void release(long zxid) {
        held = false;
        if (dirty.isEmpty()) {
            sink.cut(Map.of(), zxid, Map.of());
        } else {
            next();
        }
    }

    /** No more is to be read or told. */
    void stop() {
        over = true;
    }

    private void next() {
        if (reading || held || over || dirty.isEmpty()) {
            return;
        }
        int most = budget.nodes(MOST, MOST_BYTES);
        Set<String> chosen = new LinkedHashSet<>();
        choose(chosen, dirty.keySet().stream(), most);
        if (missing != null) {
            // As many again, if they weigh little.
            choose(chosen, Stream.concat(hot.stream(), hotBefore.stream()), most);
        }
        hotBefore = hot;
        hot = new LinkedHashSet<>();
        reading = true;
        List<String> paths = new ArrayList<>(chosen);
        reader.read(paths, reply -> answered(paths, reply));
    }

    private static void choose(Set<String> chosen, Stream<String> from, int most) {
        RequestSize.Room room = new RequestSize.Room();
        from.limit(most).takeWhile(room::takes).forEach(chosen::add);
    }

    private void answered(List<String> paths, Reply reply) {
        reading = false;
        if (over) {
            return;
        }
        Code refusal = reply.isOk() ? Znodes.refusal(reply) : reply.code();
        if (refusal != null) {
            over = true;
            sink.broken(refusal, reply.isOk() ? Znodes.refusedPath(paths, reply) : null);
            return;
        }
        budget.learn(reply.results());
        Map<String, Observed> seen = new HashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            Long deletedAt = dirty.remove(path);
            if (deletedAt == null) {
                Observed before = settled.get(path);
                deletedAt = before == null ? 0L : before.deletedAt();
            }
            seen.put(path, new Observed(Znode.of(reply.results().get(i)), deletedAt));
        }
        if (dirty.isEmpty()) {
            settled.putAll(seen);
            missing = null;
            hand(reply.zxid(), Map.of());
        } else {
            closeEarlier(seen);
            settled.putAll(seen);
            missing = new LinkedHashSet<>(dirty.keySet());
            missingAt = reply.zxid();
        }
        next();
    }

    /** Closes the round before this one, if all that it lacked turns out to have been the same then. Leaves what is newer in {@code seen}. */
    private void closeEarlier(Map<String, Observed> seen) {
        Set<String> lacked = missing;
        if (lacked == null) {
            return;
        }
        for (String path : lacked) {
            Observed observed = seen.get(path);
            if (observed == null || !observed.isOldAt(missingAt)) {
                return;
            }
        }
        for (String path : lacked) {
            settled.put(path, seen.get(path));
        }
        seen.values().removeIf(observed -> observed.isOldAt(missingAt));
        Map<String, Long> later = new HashMap<>(dirty);
        seen.forEach((path, observed) -> later.putIfAbsent(path, observed.deletedAt()));
        hand(missingAt, later);
    }

    private void hand(long zxid, Map<String, Long> later) {
        Map<String, Observed> changed = settled;
        settled = new HashMap<>();
        sink.cut(changed, zxid, later);
    }
}
