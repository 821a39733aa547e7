package dev.rollcall.inmemory;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.support.SerialTask;
import dev.rollcall.kv.support.UserCode;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A watch that delivers every revision. It holds no events, only its place in the store's history: a listener that is slow falls behind
 * there, until what it is owed is compacted.
 */
final class HistoryWatch implements StoreWatch {
    /*
     * Concurrency: lock guards cursor, owed, ended, cause and endTold. While cursor < owed only the task moves cursor;
     * while they are equal only changes() does. closed is written under lock and read by the task just before a signal.
     * heard: see StoreWatch.
     */
    private final String backend;
    private final Directory directory;
    private final WatchListener listener;
    private final RecentTransactions history;
    private final Consumer<StoreWatch> onEnded;
    private final SerialTask task;
    private final ReentrantLock lock = new ReentrantLock();
    private long heard;

    /** Everything up to this revision was delivered, or does not concern the directory. */
    private long cursor;
    /** The last revision that concerns the directory. */
    private long owed;

    private boolean ended;
    private @Nullable KvException cause;
    private boolean endTold;
    private volatile boolean closed;

    HistoryWatch(
            String backend,
            Directory directory,
            long after,
            WatchListener listener,
            Executor executor,
            RecentTransactions history,
            Consumer<StoreWatch> onEnded) {
        this.backend = backend;
        this.directory = directory;
        this.listener = listener;
        this.history = history;
        this.onEnded = onEnded;
        this.task = new SerialTask(executor, this::drain);
        this.heard = after;
        this.cursor = after;
        this.owed = after;
    }

    static KvException compacted(String backend, Directory directory, long after, RecentTransactions history) {
        return new HistoryUnavailableException(
                Context.of(backend, "watch", directory),
                after,
                "the store was compacted up to revision " + history.compacted() + " and keeps at most "
                        + history.limit()
                        + " revisions; list the directory and watch after the revision of that list",
                null);
    }

    @Override
    public Directory directory() {
        return directory;
    }

    @Override
    public void changes(List<Change> changes, long revision) {
        lock.lock();
        try {
            if (ended || revision <= owed) {
                return;
            }
            if (cursor == owed) {
                // Nothing between was for this directory, so there is no need to look.
                cursor = revision - 1;
            }
            owed = revision;
        } finally {
            lock.unlock();
        }
        task.wake();
    }

    @Override
    public long heard() {
        return heard;
    }

    @Override
    public void heard(long revision) {
        heard = Math.max(heard, revision);
    }

    @Override
    public boolean missed(RecentTransactions from) {
        finish(compacted(backend, directory, heard, from), false);
        return false;
    }

    @Override
    public void snapshot(Snapshot snapshot) {
        throw new IllegalStateException("A watch of the history has no use for a snapshot.");
    }

    @Override
    public boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void closeWith(KvException reason) {
        finish(reason, true);
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
                owed = cursor;
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            onEnded.accept(this);
            task.wake();
        }
    }

    private void drain() {
        for (Runnable call = next(); call != null; call = next()) {
            UserCode.run("watch listener", directory, call);
        }
    }

    /** The next call to the listener, or null if there is none to make now. */
    private @Nullable Runnable next() {
        while (true) {
            long revision;
            lock.lock();
            try {
                if (cursor >= owed) {
                    return ended ? theEnd() : null;
                }
                revision = ++cursor;
            } finally {
                lock.unlock();
            }
            RecentTransactions.Transaction transaction = history.at(revision);
            if (transaction == null) {
                finish(compacted(backend, directory, revision - 1, history), true);
                continue;
            }
            List<Change> concerned = transaction.changes().stream()
                    .filter(change -> directory.covers(change.key()))
                    .toList();
            if (!concerned.isEmpty()) {
                Changes signal = new Changes(directory, concerned, revision);
                return () -> deliver(signal);
            }
        }
    }

    private @Nullable Runnable theEnd() {
        if (endTold) {
            return null;
        }
        endTold = true;
        KvException reason = cause;
        return () -> listener.onEnd(reason);
    }

    private void deliver(Changes signal) {
        if (!closed) {
            listener.onSignal(signal);
        }
    }
}
