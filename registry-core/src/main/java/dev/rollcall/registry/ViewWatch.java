package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.support.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A view's part of the shared watch. If the watch begins with the view, its snapshot fills the view. A later view is filled by a list of its kind; until
 * the list has come, the latest change of each key is kept.
 */
/*
 * Concurrency: filled, early, earlyRevision, torn and backoff are confined to the turns of the shared watch; timer and closed are guarded by this.
 */
final class ViewWatch implements SharedWatch.Follower, AutoCloseable {
    /** After so many lists that were of several revisions each, the directory that is followed is listed as a whole. */
    private static final int MOST_TORN_LISTS = 2;

    /** What a view is told, one call at a time. */
    interface Listener {
        /** A snapshot, or changes to what was told before. */
        void onSignal(WatchSignal signal);

        /** The whole state, by a list: the view follows if the watch runs. */
        void onFilled(Snapshot state);

        /** The store has forgotten what was told; a snapshot follows. */
        void onRewound();

        /** The watch has ended and will be started again. */
        void onInterrupted(KvException cause);

        /** The view could not be filled, which will be tried again. */
        void onUnfilled(KvException cause);

        /** The backend was closed. */
        void onEnd(KvException cause);
    }

    private final RegistryContext registryContext;
    private final SharedWatch shared;
    private final KindReads reads;
    private final Predicate<Key> concerns;
    private final Listener listener;
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(100), SharedWatch.LONGEST_PAUSE, new SplittableRandom());
    private final Map<Key, Change> early = new LinkedHashMap<>();
    private long earlyRevision;
    private boolean filled;
    private int torn;
    private @Nullable Subscription timer;
    private boolean closed;

    ViewWatch(
            RegistryContext registryContext, String kind, KindReads reads, Predicate<Key> concerns, Listener listener) {
        this.registryContext = registryContext;
        this.shared = registryContext.watch(kind);
        this.reads = reads;
        this.concerns = concerns;
        this.listener = listener;
    }

    void start() {
        SharedWatch.Joined joined = shared.join(this);
        if (joined.isRunning()) {
            shared.inTurn(this::fill);
        } else if (joined.lastFailure() != null) {
            KvException cause = joined.lastFailure();
            shared.inTurn(() -> {
                if (!filled) {
                    listener.onUnfilled(cause);
                }
            });
        }
    }

    /** Whether the watch tells what is written. */
    boolean isRunning() {
        return shared.isRunning();
    }

    private void fill() {
        if (filled || isClosed()) {
            return;
        }
        CompletableFuture<KindReads.Listed> list;
        try {
            list = reads.list(torn >= MOST_TORN_LISTS);
        } catch (RuntimeException e) {
            list = CompletableFuture.failedFuture(e);
        }
        list.whenComplete((listed, failure) -> shared.inTurn(() -> filled(listed, failure)));
    }

    private void filled(KindReads.@Nullable Listed listed, @Nullable Throwable failure) {
        if (filled || isClosed()) {
            return;
        }
        if (listed == null) {
            unfilled(Futures.unwrap(requireNonNull(failure)));
        } else if (listed.isCut()) {
            filledBy(listed.asOne());
        } else {
            torn++;
            fill();
        }
    }

    private void filledBy(Snapshot state) {
        filled = true;
        torn = 0;
        Map<Key, Change> since = new LinkedHashMap<>(early);
        long sinceRevision = earlyRevision;
        forgetEarly();
        guarded(() -> {
            listener.onFilled(state);
            backoff.reset();
            if (sinceRevision > state.revision()) {
                since.values().removeIf(change -> change.revision() <= state.revision());
                listener.onSignal(new Changes(shared.directory(), new ArrayList<>(since.values()), sinceRevision));
            }
        });
    }

    private void forgetEarly() {
        early.clear();
        earlyRevision = 0;
    }

    private void unfilled(Throwable failure) {
        if (failure instanceof BackendClosedException) {
            // The watch tells.
            return;
        }
        if (failure instanceof KvException cause) {
            listener.onUnfilled(cause);
        }
        fillAfterAPause();
    }

    private void fillAfterAPause() {
        Duration after = backoff.next();
        synchronized (this) {
            if (!closed) {
                timer = registryContext
                        .time()
                        .schedule(after, () -> registryContext.callbacks().execute(() -> shared.inTurn(this::fill)));
            }
        }
    }

    @Override
    public boolean needsState() {
        return true;
    }

    @Override
    public void onStarted(long revision) {
        // It began before this view came, which reads its state by itself.
    }

    @Override
    public void onSignal(WatchSignal signal) {
        if (isClosed()) {
            return;
        }
        if (signal instanceof Snapshot) {
            filled = true;
            forgetEarly();
            guarded(() -> listener.onSignal(signal));
        } else if (filled) {
            guarded(() -> listener.onSignal(signal));
        } else if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                if (concerns.test(change.key())) {
                    early.put(change.key(), change);
                }
            }
            earlyRevision = changes.revision();
        }
    }

    /** A view that has lost a signal must not say that it follows. */
    private void guarded(Runnable code) {
        try {
            code.run();
        } catch (RuntimeException | Error e) {
            filled = false;
            listener.onInterrupted(new KvException(
                    registryContext.context("view", shared.directory().path()),
                    Outcome.NOT_APPLIED,
                    true,
                    "what was read could not be taken over, and is read again: " + e,
                    e));
            fillAfterAPause();
        }
    }

    @Override
    public void onRewound() {
        forgetEarly();
        listener.onRewound();
    }

    @Override
    public void onInterrupted(KvException cause) {
        listener.onInterrupted(cause);
    }

    @Override
    public void onEnd(KvException cause) {
        listener.onEnd(cause);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (timer != null) {
                timer.close();
            }
        }
        shared.leave(this);
    }
}
