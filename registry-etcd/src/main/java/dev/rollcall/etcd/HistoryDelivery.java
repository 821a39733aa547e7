package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.support.SerialTask;
import dev.rollcall.kv.support.UserCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of a watch of history: every revision, one signal each. What cannot be delivered yet is kept up to a limit; beyond it the
 * flow is stopped, and resumed when the listener has caught up, since etcd keeps the history for us.
 */
final class HistoryDelivery implements Watch {
    /*
     * Concurrency:
     *   lock     guards pending, weight, stopped, ended and cause; never held while the listener or the flow is called.
     *   closed   written under lock, read without it just before a signal starts.
     *   endTold  confined to the task's runs, which never overlap.
     */
    /** Starts and stops the flow of changes. Called from any thread; must not block. */
    interface Flow {
        /** No more for now; what is on its way is not lost, it comes again after {@link #resume}. */
        void stop();

        /** Go on after {@code revision}. */
        void resume(long revision);

        /** The watch has ended. */
        void end();
    }

    private static final long MOST_WEIGHT = 4L * 1024 * 1024;
    private static final int WEIGHT_OF_A_CHANGE = 100;

    private final Directory directory;
    private final WatchListener listener;
    private final Flow flow;
    private final SerialTask task;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Changes> pending = new ArrayDeque<>();
    private long weight;
    private long taken;
    private boolean stopped;
    private boolean ended;
    private @Nullable KvException cause;
    private volatile boolean closed;
    private boolean endTold;

    /** A watch of what comes after {@code revision}. */
    HistoryDelivery(Directory directory, long revision, WatchListener listener, Executor executor, Flow flow) {
        this.directory = directory;
        this.listener = requireNonNull(listener, "listener");
        this.flow = flow;
        this.taken = revision;
        this.task = new SerialTask(executor, this::drain);
    }

    @Override
    public Directory directory() {
        return directory;
    }

    /** Offers whole transactions, in order. */
    void changes(List<Change> changes) {
        boolean full;
        lock.lock();
        try {
            if (ended || stopped) {
                return;
            }
            List<Change> one = new ArrayList<>();
            for (Change change : changes) {
                if (!one.isEmpty() && one.get(0).revision() != change.revision()) {
                    add(one);
                    one = new ArrayList<>();
                }
                one.add(change);
            }
            add(one);
            full = weight > MOST_WEIGHT;
            stopped = full;
        } finally {
            lock.unlock();
        }
        if (full) {
            flow.stop();
        }
        task.wake();
    }

    private void add(List<Change> revision) {
        revision.sort(Changes.ORDER);
        pending.add(new Changes(directory, revision, revision.get(0).revision()));
        weight += weight(revision);
    }

    private static long weight(List<Change> changes) {
        long sum = 0;
        for (Change change : changes) {
            sum += WEIGHT_OF_A_CHANGE
                    + (change instanceof Change.Put put ? put.entry().value().size() : 0);
        }
        return sum;
    }

    /** Ends the watch after what is pending. */
    void end(KvException reason) {
        finish(reason, false);
    }

    /** Ends the watch at once. */
    void closeWith(KvException reason) {
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
                pending.clear();
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            flow.end();
            task.wake();
        }
    }

    private void drain() {
        for (Changes signal = take(); signal != null; signal = take()) {
            Changes next = signal;
            if (!closed) {
                UserCode.run("watch listener", directory, () -> listener.onSignal(next));
            }
        }
        boolean over;
        lock.lock();
        try {
            over = ended && pending.isEmpty();
        } finally {
            lock.unlock();
        }
        if (over && !endTold) {
            endTold = true;
            UserCode.run("watch listener", directory, () -> listener.onEnd(cause));
        }
    }

    private @Nullable Changes take() {
        long resumeAfter;
        lock.lock();
        try {
            Changes next = pending.poll();
            if (next != null) {
                weight -= weight(next.changes());
                taken = next.revision();
                return next;
            }
            if (!stopped || ended) {
                return null;
            }
            stopped = false;
            resumeAfter = taken;
        } finally {
            lock.unlock();
        }
        flow.resume(resumeAfter);
        return null;
    }
}
