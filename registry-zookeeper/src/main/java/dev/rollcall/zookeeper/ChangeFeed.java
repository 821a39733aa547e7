package dev.rollcall.zookeeper;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.UnsupportedCapabilityException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.zookeeper.CutAssembler.Observed;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the events of the {@link RootWatch}: they tell lists what has changed under them, and everybody's watches what is new. Watches of the
 * application cost the server nothing.
 */
final class ChangeFeed implements CutAssembler.Sink, RootWatch.Feed {
    /*
     * Concurrency: lock guards every field below it, and what the root's watch and the register hold; walks is safe by itself. Events, answers and cuts come on
     * the session's event thread; watches begin and end on any. Sessions, listings and the ends of watches are never called with the lock held; publications are,
     * so that no two overtake each other.
     */
    private final ZooKeeperContext store;
    private final Layout layout;
    private final WatchStarts starting;
    private final List<ConsistentListing.Walk> walks = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final RootWatch root;
    private final WatchRegister register;
    private final Set<FeedWatch> open = new LinkedHashSet<>();
    private @Nullable CutAssembler assembler;
    /** How many directories are still to be listed before cuts are told again. */
    private int resyncing;

    private long lastReply;

    ChangeFeed(ZooKeeperContext store) {
        this.store = store;
        this.layout = store.layout();
        this.root = new RootWatch(layout.root(), lock, this);
        this.register = new WatchRegister(store);
        this.starting = new WatchStarts(store, this::begin, this::lastTold);
    }

    // --- The session

    /** A connection begins. */
    void connected(Session which) {
        root.connected(which);
    }

    /** Calls back on the event thread once events of this session tell all that changes, or when that is not to be. */
    void follow(Session which, Consumer<Code> ready) {
        root.follow(which, ready);
    }

    @Override
    public Runnable begun(Session which, long current, long zxid) {
        register.deletions().beginAfter(zxid);
        List<Directory> stale = roundsFor(which);
        return () -> stale.forEach(directory -> resync(directory, current));
    }

    /** Begins rounds that wait until what is watched has been listed anew, and says what that is. Called with the lock held. */
    private List<Directory> roundsFor(Session which) {
        List<Directory> stale = register.beginRound();
        resyncing = stale.size();
        assembler =
                new CutAssembler((paths, answer) -> read(which, paths, answer), this, store.budget(), resyncing > 0);
        return stale;
    }

    private void read(Session which, List<String> paths, Consumer<Reply> answer) {
        which.read(Znodes.reads(paths), reply -> {
            noted(reply.zxid());
            answer.accept(reply);
        });
    }

    /** Events may be lost from here on, until the next connection. */
    void suspended(Session which) {
        List<Consumer<Code>> refused;
        lock.lock();
        try {
            if (!root.isOf(which)) {
                return;
            }
            refused = root.suspended();
            if (assembler != null) {
                assembler.stop();
                assembler = null;
            }
            register.deletions().reset();
        } finally {
            lock.unlock();
        }
        walks.forEach(ConsistentListing.Walk::suspended);
        refused.forEach(follower -> follower.accept(Code.CONNECTIONLOSS));
    }

    void track(ConsistentListing.Walk walk) {
        walks.add(walk);
    }

    void untrack(ConsistentListing.Walk walk) {
        walks.remove(walk);
    }

    /** A read of this session was answered so. */
    void noted(long zxid) {
        locked(() -> lastReply = Math.max(lastReply, zxid));
    }

    /** The store has gone back in time: watches begin anew or end. On the event thread. */
    void rewound(String reason) {
        List<Runnable> ends;
        lock.lock();
        try {
            register.rewound();
            lastReply = 0;
            ends = open.stream().map(watch -> watch.rewound(reason)).toList();
        } finally {
            lock.unlock();
        }
        ends.forEach(Runnable::run);
        resyncAll();
    }

    // --- Events

    void event(Session which, WatchedEvent event) {
        String path = event.getPath();
        if (path == null || !layout.isBelowRoot(path)) {
            return;
        }
        long deletedAt = 0;
        lock.lock();
        try {
            if (!root.isOf(which)) {
                return;
            }
            deletedAt = deletedAt(event);
            CutAssembler present = assembler;
            if (present != null && register.isWatched(path)) {
                register.noted(event);
                present.touched(path, deletedAt);
                if (deletedAt < 0) {
                    // A 3.8 server does not tell the transaction; the parent's node usually does.
                    present.touched(Layout.parent(path), 0);
                }
            }
        } finally {
            lock.unlock();
        }
        if (event.getType() == EventType.NodeDeleted) {
            store.pruner().suspect(List.of(Layout.parent(path)));
        }
        for (ConsistentListing.Walk walk : walks) {
            if (walk.covers(path)) {
                walk.touched(path, deletedAt);
            }
        }
    }

    /**
     * A list of a directory. ZooKeeper tells nobody of a change to a node which he may not read at that moment, neither then nor when he may again; what a list
     * shows of such nodes is read once more, for the watches. On the event thread.
     */
    void compare(Snapshot listed) {
        lock.lock();
        try {
            CutAssembler present = assembler;
            if (present != null && resyncing == 0) {
                for (String path : register.unlike(listed)) {
                    if (!present.isPending(path)) {
                        present.touched(path, 0);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** When the key of the node was deleted, if it turns out that it was; 0 if the event has nothing to do with that. Called with the lock held. */
    private long deletedAt(WatchedEvent event) {
        return switch (event.getType()) {
            case NodeDataChanged -> register.deletions().written(event.getPath(), event.getZxid());
            // At least later than what was read before, where the server does not say.
            case NodeDeleted -> register.deletions().deleted(event.getPath(), event.getZxid(), lastReply + 1);
            default -> 0;
        };
    }

    // --- Cuts

    @Override
    public void cut(Map<String, Observed> changed, long zxid, Map<String, Long> later) {
        lock.lock();
        try {
            register.publish(changed, zxid, later.keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void broken(Code code, @Nullable String node) {
        if (code == Code.THROTTLEDOP) {
            followAnew();
            return;
        }
        if (ZooKeeperErrors.passes(code)) {
            return;
        }
        endAround(code, node);
        // What the others were to be told by the reads that failed, they are told by a fresh look.
        resyncAll();
    }

    /** Ends the watches of the directories that hold a node which may not be read, or all if no node is named. */
    private void endAround(Code code, @Nullable String node) {
        for (FeedWatch watch : watches()) {
            if (node == null || layout.isAround(watch.directory(), node)) {
                watch.end(ZooKeeperErrors.refused(watch.context(), code, node));
            }
        }
    }

    /** Brings everything that is watched up to date by listing it; later cuts wait for that. */
    private void resyncAll() {
        List<Directory> stale;
        long current;
        lock.lock();
        try {
            Session present = root.session();
            if (present == null || !root.isFollowing() || assembler == null) {
                return;
            }
            // Whatever is being listed for the same purpose is given up.
            current = root.beginAnew();
            assembler.stop();
            stale = roundsFor(present);
        } finally {
            lock.unlock();
        }
        stale.forEach(directory -> resync(directory, current));
    }

    /** An overloaded server has turned a read away that all watches wait for: another connection brings them up to date. */
    private void followAnew() {
        Session present;
        lock.lock();
        try {
            present = root.session();
        } finally {
            lock.unlock();
        }
        if (present != null) {
            present.reconnect();
        }
    }

    private void resync(Directory directory, long current) {
        new ConsistentListing(store, directory, true, () -> isPast(current), new ConsistentListing.Outcome() {
                    @Override
                    public void listed(Tree tree) {
                        List<Runnable> ends;
                        String contradiction;
                        lock.lock();
                        try {
                            if (root.isPast(current)) {
                                return;
                            }
                            contradiction = register.contradiction(tree);
                            ends = contradiction != null ? List.of() : register.resynced(tree, watchesIn(directory));
                            resyncing--;
                            if (contradiction == null && resyncing == 0 && assembler != null) {
                                assembler.release(tree.zxid());
                            }
                        } finally {
                            lock.unlock();
                        }
                        ends.forEach(Runnable::run);
                        if (contradiction != null) {
                            store.rewound(contradiction);
                        }
                    }

                    @Override
                    public void exhausted(OutOfMemoryError cause) {
                        watches().stream()
                                .filter(watch -> directory.equals(watch.directory())
                                        || layout.isAround(directory, layout.path(watch.directory())))
                                .forEach(watch -> watch.end(ZooKeeperErrors.exhausted(watch.context(), cause)));
                        resyncAll();
                    }

                    @Override
                    public void failed(Code code, @Nullable String node) {
                        if (!isPast(current)) {
                            broken(code, node);
                        }
                    }
                })
                .withAbove()
                .start();
    }

    private boolean isPast(long current) {
        return locked(() -> root.isPast(current));
    }

    private List<FeedWatch> watchesIn(Directory directory) {
        return open.stream()
                .filter(watch -> watch.registered)
                .filter(watch -> (watch.directory().path() + "/").startsWith(directory.rangeStart()))
                .toList();
    }

    // --- Watches

    Watch watch(Directory directory, WatchStart start, WatchListener listener) {
        FeedWatch watch = new FeedWatch(
                store.name(), directory, start, listener, store.threads().callbacks(), this::ended);
        boolean refused;
        lock.lock();
        try {
            refused = root.isClosed();
            if (!refused && !(start instanceof WatchStart.History)) {
                open.add(watch);
            }
        } finally {
            lock.unlock();
        }
        if (refused) {
            watch.delivery().closeWith(new BackendClosedException(watch.context(), Outcome.NOT_APPLIED));
        } else if (start instanceof WatchStart.History) {
            watch.end(new UnsupportedCapabilityException(watch.context(), Capability.HISTORY));
        } else {
            starting.add(watch);
        }
        return watch.delivery();
    }

    private long lastTold() {
        return locked(register::lastTold);
    }

    private void begin(FeedWatch watch, Tree tree) {
        Runnable end;
        lock.lock();
        try {
            if (!open.contains(watch)) {
                return;
            }
            CutAssembler present = assembler;
            if (present != null) {
                present.forgetUnless(register::isWatched);
            }
            end = register.begin(watch, tree);
            if (present != null) {
                // Nobody watched here when these events came, and the tree is older than they are.
                present.joined(tree.later());
            }
        } finally {
            lock.unlock();
        }
        end.run();
    }

    private void ended(FeedWatch watch) {
        lock.lock();
        try {
            open.remove(watch);
            register.remove(watch);
        } finally {
            lock.unlock();
        }
        starting.remove(watch);
    }

    private List<FeedWatch> watches() {
        return locked(() -> List.copyOf(open));
    }

    private <T> T locked(Supplier<T> read) {
        lock.lock();
        try {
            return read.get();
        } finally {
            lock.unlock();
        }
    }

    /** Ends every watch; none begins any more. */
    void close() {
        lock.lock();
        try {
            root.close();
        } finally {
            lock.unlock();
        }
        for (FeedWatch watch : watches()) {
            watch.delivery().closeWith(new BackendClosedException(watch.context(), Outcome.NOT_APPLIED));
        }
    }
}
