package dev.rollcall.zookeeper;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.support.WatchIndex;
import dev.rollcall.zookeeper.CutAssembler.Observed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/** The watches of a feed with their directories and the revisions that each was told: turns cuts into changes for each watch. */
final class WatchRegister {
    /* Concurrency: guarded by the lock of the feed that it belongs to. */
    private static final Runnable NOTHING = () -> {};
    private static final Comparator<Change> BY_KEY = Comparator.comparing(Change::key);

    private final ZooKeeperContext store;
    private final WatchIndex index = new WatchIndex();
    private final RevisionIndex revisionIndex = new RevisionIndex();
    private final Deletions deletions;
    /** Where a node has come, or got another value, since the last cut that shows the path: only there can a key have come and gone in between. */
    private final Set<String> written = new HashSet<>();
    /** Whether events tell their transactions, as from 3.9 on. */
    private boolean timed;

    private long lastCut;
    private long lastTold;
    /** The revision index shows all that was written up to here; to a watch that has begun later, more is known. */
    private long indexedAt;
    /** What was listed anew since the connection began, with the moment that its watches were brought to. */
    private final Map<Directory, Long> resyncedAt = new HashMap<>();
    /** The latest moment that anybody was brought to before what is watched began to be listed anew. */
    private long toldBefore;

    WatchRegister(ZooKeeperContext store) {
        this.store = store;
        this.deletions = new Deletions(store.layout(), Deletions.MOST);
    }

    RevisionIndex revisionIndex() {
        return revisionIndex;
    }

    Deletions deletions() {
        return deletions;
    }

    /** The latest moment that anybody was brought to. */
    long lastTold() {
        return lastTold;
    }

    boolean isWatched(String path) {
        Key key = revisionIndex.isEmpty() ? null : store.layout().keyOf(path);
        return key != null && revisionIndex.covers(key);
    }

    /** All that is watched is to be listed anew; says what that is. */
    List<Directory> beginRound() {
        written.clear();
        resyncedAt.clear();
        toldBefore = lastTold;
        return revisionIndex.outermost();
    }

    /** The paths that are watched and that a list shows otherwise than the latest cut, if that is not later than the list. */
    List<String> unlike(Snapshot listed) {
        if (revisionIndex.isEmpty() || listed.revision() < Math.max(lastCut, lastTold)) {
            return List.of();
        }
        List<String> unlike = new ArrayList<>();
        for (KeyValue entry : listed.entries()) {
            Long known = revisionIndex.revision(entry.key());
            boolean differs = known == null || known != entry.revision();
            if (differs && revisionIndex.covers(entry.key())) {
                unlike.add(store.layout().path(entry.key()));
            }
        }
        revisionIndex
                .missingFrom(listed)
                .forEach(key -> unlike.add(store.layout().path(key)));
        return unlike;
    }

    /** An event of a node that is watched. */
    void noted(WatchedEvent event) {
        timed = event.getZxid() > 0;
        if (event.getType() == EventType.NodeCreated || (timed && event.getType() == EventType.NodeDataChanged)) {
            written.add(event.getPath());
        }
    }

    /**
     * Tells a cut to all whom it concerns.
     *
     * @param later what has changed since, to be told by the next
     */
    void publish(Map<String, Observed> changed, long zxid, Set<String> later) {
        List<Change> changes = new ArrayList<>();
        changed.forEach((path, observed) -> {
            Key key = store.layout().keyOf(path);
            Change change =
                    key != null && revisionIndex.covers(key) ? change(key, path, observed, changed, zxid) : null;
            if (change != null) {
                changes.add(change);
            }
        });
        written.removeIf(path -> changed.containsKey(path) && !later.contains(path));
        revisionIndex.cutAt(zxid);
        indexedAt = Math.max(indexedAt, zxid);
        lastCut = Math.max(lastCut, zxid);
        lastTold = Math.max(lastTold, zxid);
        if (!changes.isEmpty()) {
            changes.sort(BY_KEY);
            store.watermark().raise(zxid);
            index.publish(changes, zxid);
        }
    }

    private @Nullable Change change(Key key, String path, Observed observed, Map<String, Observed> changed, long zxid) {
        Long before = revisionIndex.revision(key);
        if (observed.node().isEntry()) {
            KeyValue entry = observed.node().entry(key);
            if (before != null && before == entry.revision()) {
                return null;
            }
            revisionIndex.put(key, entry.revision());
            return new Change.Put(entry);
        }
        long deletedAt = deletion(path, observed, changed, zxid);
        if (before == null && !revisionIndex.isAhead(key, zxid) && !hasComeAndGone(key, path, observed, deletedAt)) {
            return null;
        }
        revisionIndex.remove(key);
        return new Change.Delete(key, deletedAt);
    }

    /**
     * Whether a key that was absent at the last cut has come and gone since. Somebody may have read it in between, or have written it, and waits to be told
     * that it is gone. An observer that has not taken an earlier deletion of it yet would get that one with this cut, although it is not the latest any more.
     */
    private boolean hasComeAndGone(Key key, String path, Observed observed, long deletedAt) {
        if (deletedAt <= toldUpTo(key)) {
            return false;
        }
        if (observed.node().isRemainder()) {
            return true;
        }
        if (observed.deletedAt() == 0) {
            return false;
        }
        // Pruning writes to a directory as well. Events that tell their transactions show that it was no key; of others
        // only creations are noted.
        boolean seen = written.contains(path) && (observed.deletedAt() > 0 || !timed);
        return seen
                || index.anyMatch(
                        key, observer -> ((FeedWatch) observer).delivery().isPending(key));
    }

    /** The moment that the watches of a key were brought to; what was listed for the watches of other keys tells nothing of it. */
    private long toldUpTo(Key key) {
        long told = lastCut;
        for (Map.Entry<Directory, Long> resynced : resyncedAt.entrySet()) {
            if (resynced.getKey().covers(key)) {
                told = Math.max(told, resynced.getValue());
            }
        }
        return told;
    }

    private long deletion(String path, Observed observed, Map<String, Observed> changed, long zxid) {
        Stat stat = observed.node().stat();
        if (stat != null && observed.node().isRemainder()) {
            return stat.getMzxid();
        }
        if (observed.deletedAt() > 0) {
            return observed.deletedAt();
        }
        Observed parent = changed.get(Layout.parent(path));
        Stat above = parent == null ? null : parent.node().stat();
        boolean told = above != null && above.getPzxid() > lastCut && above.getPzxid() <= zxid;
        return told && above != null ? above.getPzxid() : zxid;
    }

    /**
     * Begins a watch with the state of its directory, which must not be older than {@link #lastTold}: what others have been told already would be
     * told to them again, or not at all to this one. Returns what is to be done without the lock.
     */
    Runnable begin(FeedWatch watch, Tree tree) {
        // As with the cut's own paths: what nobody watches any more comes with no cut that would take it away.
        written.removeIf(path -> !isWatched(path));
        Snapshot snapshot = tree.snapshot();
        Long after = watch.after();
        if (after != null && !deletions.isCompleteAfter(after) && !tree.showsNoDeletionAfter(after)) {
            return () -> watch.end(new HistoryUnavailableException(
                    watch.context(), after, "this handle has only followed the store since a later revision", null));
        }
        store.watermark().raise(snapshot.revision());
        if (revisionIndex.isEmpty()) {
            indexedAt = snapshot.revision();
        }
        // Events of these paths were not noted if nobody watched there when they came.
        written.addAll(tree.later().keySet());
        revisionIndex.cover(snapshot);
        // First, so that what cannot be added, for want of memory, is removed again.
        watch.registered = true;
        index.add(watch);
        if (after == null) {
            watch.begin(snapshot);
        } else {
            watch.begin(changesAfter(after, tree, snapshot), snapshot.revision());
        }
        return NOTHING;
    }

    private List<Change> changesAfter(long revision, Tree tree, Snapshot snapshot) {
        List<Change> changes = new ArrayList<>();
        for (KeyValue entry : snapshot.entries()) {
            if (entry.revision() > revision) {
                changes.add(new Change.Put(entry));
            }
        }
        Map<Key, Long> deleted = deletions.between(revision, snapshot.revision(), snapshot.directory());
        deleted.putAll(tree.remaindersAfter(revision));
        deleted.forEach((key, zxid) -> {
            if (snapshot.get(key).isEmpty()) {
                changes.add(new Change.Delete(key, zxid));
            }
        });
        changes.sort(Changes.ORDER);
        return changes;
    }

    void remove(FeedWatch watch) {
        if (watch.registered) {
            watch.registered = false;
            index.remove(watch);
            revisionIndex.uncover(watch.directory());
        }
    }

    /** The store has gone back in time: nothing that was told is its past. */
    void rewound() {
        revisionIndex.forget();
        deletions.reset();
        written.clear();
        resyncedAt.clear();
        lastCut = 0;
        lastTold = 0;
        indexedAt = 0;
    }

    /** How the state of a directory contradicts what was seen of it, in a clause, or null: no entry gets an older revision, or comes back with one. */
    @Nullable
    String contradiction(Tree tree) {
        for (KeyValue entry : tree.snapshot().entries()) {
            Long before = revisionIndex.revision(entry.key());
            if (entry.revision() < (before == null ? lastCut + 1 : before)) {
                return "'" + entry.key() + "' has its revision 0x" + Long.toHexString(entry.revision()) + " again";
            }
        }
        return null;
    }

    /** Brings the watches of a directory up to date after events were lost; returns what is to be done without the lock. */
    List<Runnable> resynced(Tree tree, List<FeedWatch> watches) {
        Snapshot snapshot = tree.snapshot();
        Map<Key, Long> remainders = tree.remaindersAfter(0);
        List<Change> changes = new ArrayList<>();
        Set<Key> missing = new LinkedHashSet<>(revisionIndex.missingFrom(snapshot));
        List<Key> vanished = new ArrayList<>();
        for (Key key : missing) {
            Long deletedAt = remainders.remove(key);
            if (deletedAt == null) {
                vanished.add(key);
            } else {
                changes.add(new Change.Delete(key, deletedAt));
            }
            revisionIndex.remove(key);
        }
        for (KeyValue entry : snapshot.entries()) {
            Long before = revisionIndex.revision(entry.key());
            if (before == null || before != entry.revision()) {
                changes.add(new Change.Put(entry));
                revisionIndex.put(entry.key(), entry.revision());
            }
        }
        PassedKeys passed = new PassedKeys(store.layout(), tree, indexedAt);
        remainders.forEach((key, deletedAt) -> {
            if (deletedAt > indexedAt) {
                passed.add(key, deletedAt);
            }
        });
        deletions.between(indexedAt, snapshot.revision(), snapshot.directory()).forEach((key, deletedAt) -> {
            if (snapshot.get(key).isPresent() || missing.contains(key)) {
                return;
            }
            if (deletedAt > toldBefore && written.contains(store.layout().path(key))) {
                changes.add(new Change.Delete(key, deletedAt));
            } else {
                passed.add(key, deletedAt);
            }
        });
        changes.sort(BY_KEY);
        // After a store has gone back in time, the connection may go on.
        deletions.beginAtLatestAfter(snapshot.revision());
        store.watermark().raise(snapshot.revision());
        lastTold = Math.max(lastTold, snapshot.revision());
        resyncedAt.put(snapshot.directory(), snapshot.revision());
        List<Runnable> ends = new ArrayList<>();
        for (FeedWatch watch : watches) {
            List<Change> covered = changes.stream()
                    .filter(change -> watch.directory().covers(change.key()))
                    .toList();
            String gap = vanished.stream().anyMatch(watch.directory()::covers)
                    ? "keys were deleted while there was no connection, and ZooKeeper does not tell when"
                    : passed.mayBeIn(watch.directory(), Math.max(indexedAt, watch.since()))
                            ? "keys may have come and gone while there was no connection, of which ZooKeeper does not tell"
                            : null;
            if (watch.beginsAnew()) {
                watch.begin(watch.restrict(snapshot));
            } else if (gap != null && watch.after() != null) {
                ends.add(() -> watch.gap(snapshot, gap));
            } else if (gap != null) {
                watch.gap(snapshot, gap);
            } else if (!covered.isEmpty()) {
                watch.changes(covered, snapshot.revision());
            }
        }
        return ends;
    }
}
