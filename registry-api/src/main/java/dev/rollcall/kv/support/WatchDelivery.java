package dev.rollcall.kv.support;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of one watch of states, one that starts from a snapshot or after a revision. The backend offers what the store tells it;
 * the listener gets it in the grammar and on the threads of {@link WatchListener}.
 *
 * <p>Offers never block and never call the listener. While the listener is busy they merge: at most one snapshot and one change for each
 * distinct key wait, and one {@link Changes} brings the observer to the latest revision offered. An offer is taken whole or not at all, so if each is a whole
 * transaction, each signal is a consistent cut. Offers may come from several threads, but must be made in the order of their revisions; what goes back is
 * dropped.
 */
public final class WatchDelivery implements Watch, WatchIndex.Observer {
    /*
     * Concurrency:
     *   lock       guards all fields without final but closed; held for O(1) per change offered, never while the
     *              listener or onEnded runs.
     *   closed     written under lock; read without it just before a signal starts, so that the interval in which
     *              close() returns and a signal still starts is as short as it can be without waiting for the listener.
     */
    private final Directory directory;
    private final WatchListener listener;
    private final Runnable onEnded;
    private final SerialTask task;
    private final ReentrantLock lock = new ReentrantLock();

    private boolean awaitingSnapshot;
    private @Nullable Snapshot snapshot;
    private Map<Key, Change> changes = new HashMap<>();
    /** The revision that the observer is brought to by all that was offered. */
    private long offered;
    /** The revision of the last signal that was handed out. */
    private long taken;
    /** No snapshot older than this may be offered: an earlier one, or what was offered when changes were lost. */
    private long floor = -1;

    /** Whether the listener is to be told that what it holds is void. */
    private boolean rewound;

    private boolean ended;
    private @Nullable KvException cause;
    private volatile boolean closed;
    private boolean endTold;

    private WatchDelivery(
            Directory directory, long revision, WatchListener listener, Executor executor, Runnable onEnded) {
        this.directory = requireNonNull(directory, "directory");
        this.listener = requireNonNull(listener, "listener");
        this.onEnded = requireNonNull(onEnded, "onEnded");
        this.task = new SerialTask(executor, this::drain);
        this.awaitingSnapshot = revision < 0;
        this.offered = revision;
        this.taken = revision;
    }

    /**
     * A watch whose first signal is the snapshot that the backend will offer; changes offered before it wait for it.
     *
     * @param executor runs the listener; its tasks may block
     * @param onEnded runs once, without a lock, on the thread that ends the watch: the place to unregister it
     */
    public static WatchDelivery fromSnapshot(
            Directory directory, WatchListener listener, Executor executor, Runnable onEnded) {
        return new WatchDelivery(directory, -1, listener, executor, onEnded);
    }

    /** A watch that is owed the changes after {@code revision}; those up to it are dropped. The rest is as for {@link #fromSnapshot}. */
    public static WatchDelivery after(
            Directory directory, long revision, WatchListener listener, Executor executor, Runnable onEnded) {
        if (revision < 0) {
            throw new IllegalArgumentException("A store revision is never negative, but this one is " + revision + ".");
        }
        return new WatchDelivery(directory, revision, listener, executor, onEnded);
    }

    @Override
    public Directory directory() {
        return directory;
    }

    /** Whether the watch has ended: its listener has been, or will be, told so, and offers have no effect. */
    public boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Offers the whole state. It takes the place of all pending up to its revision; changes after its revision that were offered before
     * it are kept.
     *
     * @return false if the snapshot is dropped, because the observer has been brought beyond its revision, a newer one was offered before
     *     it, or more than it shows had been offered when changes were lost: then, if it was to close a gap, a newer one is needed
     */
    public boolean snapshot(Snapshot state) {
        lock.lock();
        try {
            if (ended || state.revision() < Math.max(taken, floor)) {
                return false;
            }
            awaitingSnapshot = false;
            floor = state.revision();
            snapshot = state;
            changes.values().removeIf(change -> change.revision() <= state.revision());
            offered = Math.max(offered, state.revision());
        } finally {
            lock.unlock();
        }
        task.wake();
        return true;
    }

    /**
     * Offers everything that changed below the directory between the last offer's revision and {@code revision}; has no effect if {@code
     * revision} has been offered already.
     *
     * @param latest each changed key once; the caller no longer changes the list
     */
    @Override
    public void changes(List<Change> latest, long revision) {
        lock.lock();
        try {
            if (ended || revision <= offered) {
                return;
            }
            for (Change change : latest) {
                changes.put(change.key(), change);
            }
            offered = revision;
            if (awaitingSnapshot) {
                return;
            }
        } finally {
            lock.unlock();
        }
        task.wake();
    }

    /**
     * Whether a change of {@code key} was offered and is not taken for delivery yet. It would be told together with what is offered next, as the
     * latest that became of the key by then.
     */
    public boolean isPending(Key key) {
        lock.lock();
        try {
            return changes.containsKey(key);
        } finally {
            lock.unlock();
        }
    }

    /** Says that changes were lost: what is pending or offered from now on waits for the next {@link #snapshot}. */
    public void gap() {
        lock.lock();
        try {
            awaitingSnapshot = true;
            // What was lost may be of any revision after this one; an older snapshot would hide the hole.
            floor = Math.max(floor, offered);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says that the store has gone back in time: what is pending was never a state of the store that there is now. The listener is told so, and then
     * the next {@link #snapshot}, of whatever revision.
     */
    public void rewound() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            awaitingSnapshot = true;
            snapshot = null;
            changes = new HashMap<>();
            // A listener that has been told nothing need not hear that it is void.
            rewound |= taken >= 0;
            offered = -1;
            taken = -1;
            floor = -1;
        } finally {
            lock.unlock();
        }
        task.wake();
    }

    /** Ends the watch after what is pending; has no effect if it has ended. {@code reason} is null if the owner asked for it. */
    public void end(@Nullable KvException reason) {
        finish(reason, false);
    }

    /** Ends the watch as {@link #close()} does, without what is pending, and tells the listener {@code reason}. */
    public void closeWith(KvException reason) {
        finish(requireNonNull(reason, "reason"), true);
    }

    @Override
    public void close() {
        finish(null, true);
    }

    private void finish(@Nullable KvException reason, boolean dropPending) {
        boolean first;
        lock.lock();
        try {
            first = !ended;
            if (first) {
                ended = true;
                cause = reason;
            }
            if (dropPending) {
                closed = true;
                snapshot = null;
                changes = new HashMap<>();
                offered = taken;
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            onEnded.run();
            task.wake();
        }
    }

    /** One run of the task: everything that is pending, then the end if it has come. */
    private void drain() {
        for (Runnable call = next(); call != null; call = next()) {
            UserCode.run("watch listener", directory, call);
        }
    }

    /** The next call to the listener, or null if there is none to make now. */
    private @Nullable Runnable next() {
        Map<Key, Change> pending;
        long revision;
        lock.lock();
        try {
            if (rewound) {
                rewound = false;
                return this::deliverRewound;
            }
            Snapshot state = snapshot;
            if (state != null) {
                snapshot = null;
                taken = state.revision();
                return () -> deliver(state);
            }
            if (awaitingSnapshot || offered <= taken) {
                // Decided under the same lock as "nothing is pending", or a last offer could slip behind the end.
                return ended ? theEnd() : null;
            }
            pending = changes;
            changes = new HashMap<>();
            revision = offered;
            taken = revision;
        } finally {
            lock.unlock();
        }
        List<Change> ordered = new ArrayList<>(pending.values());
        ordered.sort(Changes.ORDER);
        Changes signal = new Changes(directory, ordered, revision);
        return () -> deliver(signal);
    }

    private @Nullable Runnable theEnd() {
        if (endTold) {
            return null;
        }
        endTold = true;
        KvException reason = cause;
        return () -> listener.onEnd(reason);
    }

    private void deliverRewound() {
        if (!closed) {
            listener.onRewound();
        }
    }

    private void deliver(WatchSignal signal) {
        if (!closed) {
            listener.onSignal(signal);
        }
    }
}
