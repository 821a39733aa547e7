package dev.rollcall.registry;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.Backoff;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one watch of a registry on a directory, shared by its views, and by its registrations through {@link KeyTracker}. It begins with the first follower,
 * ends with the last, and is started again whenever it ends by itself: a denied access may be allowed later, and only the end of the backend is final.
 *
 * <p>If a follower needs the whole state, the watch begins with a snapshot, else after the present revision, since a registration knows how to read its
 * own few keys and the rest of the directory may be large. A follower that comes while the watch runs reads for itself what it needs: a list
 * that it begins after {@link #join} has returned is not older than the signals that it has missed.
 */
/*
 * Concurrency: everything that changes is guarded by this, under which neither the backend nor a follower is called: listeners of the backend may be
 * called on the calling thread. What is to be told is queued in news under the lock, hence in the order in which it was decided, and told without it by
 * one thread at a time, as a rule the watch's. So each follower delays the others; what they run of the user's is the codec. An attempt that is over
 * tells nothing more.
 */
final class SharedWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** Who follows. Told one thing at a time, in order; each call happens-before the next. */
    interface Follower {
        /** Whether it has to be given the whole state when the watch begins. */
        boolean needsState();

        /**
         * The watch begins without the state: what was written up to {@code revision} may have been missed, what comes after is told. 0 if the state
         * comes after all, and with it what may have been missed.
         */
        void onStarted(long revision);

        /** A snapshot, or changes. */
        void onSignal(WatchSignal signal);

        /** The store has forgotten what it told, as {@link WatchListener#onRewound}; a snapshot, or {@link #onStarted}, follows. */
        void onRewound();

        /** The watch has ended, or could not be started, and will be started again. */
        void onInterrupted(KvException cause);

        /** The backend was closed. */
        void onEnd(KvException cause);
    }

    /**
     * Where a new follower stands.
     *
     * @param isRunning whether what is written after {@code revision} is told from now on; otherwise a snapshot or {@link Follower#onStarted} comes
     * @param lastFailure why the watch does not run, if it has been tried
     */
    record Joined(
            boolean isRunning, long revision, @Nullable KvException lastFailure) {}

    private final RegistryContext registryContext;
    private final Directory directory;
    private final Key probe;
    private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, new SplittableRandom());
    private final List<Follower> followers = new ArrayList<>();

    /** What runs or is being started; null while there is nobody, during a pause, and after the end. */
    private @Nullable Attempt attempt;

    private @Nullable Subscription pause;

    /** The greatest revision that was told. */
    private long revision;

    private @Nullable KvException lastFailure;
    private boolean closed;
    private final Deque<Runnable> news = new ArrayDeque<>();
    private boolean telling;

    SharedWatch(RegistryContext registryContext, Directory directory, Key probe) {
        this.registryContext = registryContext;
        this.directory = directory;
        this.probe = probe;
    }

    Directory directory() {
        return directory;
    }

    /**
     * Adds a follower. May call it before it returns.
     *
     * @throws RuntimeException what the backend throws for a watch on this directory; it is not added then
     */
    Joined join(Follower follower) {
        Attempt begun;
        KvException failure;
        synchronized (this) {
            followers.add(follower);
            Attempt present = attempt;
            failure = lastFailure;
            if (present != null && present.runs) {
                return new Joined(true, revision, null);
            }
            // A view does not wait for a pause that is over soon, nor for the state from a watch that begins without.
            boolean begins =
                    present == null ? pause == null || follower.needsState() : follower.needsState() && !present.whole;
            begun = begins && !closed ? begin() : null;
        }
        tellNews();
        if (begun != null) {
            try {
                begun.start();
            } catch (RuntimeException e) {
                leave(follower);
                begun.failed(e);
                throw e;
            }
        }
        return new Joined(false, 0, failure);
    }

    /** Removes a follower; nothing is told to it any more but what is being told. */
    void leave(Follower follower) {
        Watch running = null;
        synchronized (this) {
            followers.remove(follower);
            if (followers.isEmpty()) {
                running = stop();
            }
        }
        if (running != null) {
            running.close();
        }
    }

    /** The store can be reached again: what was put off is tried at once. */
    void retryNow() {
        boolean paused;
        synchronized (this) {
            paused = pause != null;
        }
        if (paused) {
            restart();
        }
    }

    @Override
    public void close() {
        Watch running;
        synchronized (this) {
            closed = true;
            followers.clear();
            running = stop();
        }
        if (running != null) {
            running.close();
        }
    }

    /** Called under the lock. */
    private Attempt begin() {
        if (pause != null) {
            pause.close();
            pause = null;
        }
        if (attempt != null) {
            // It has only asked for the revision. Who waits for that does not wait for the state instead.
            attempt.over = true;
            queue(follower -> {
                if (!follower.needsState()) {
                    follower.onStarted(0);
                }
            });
        }
        boolean whole = followers.stream().anyMatch(Follower::needsState);
        Attempt begun = new Attempt(whole);
        attempt = begun;
        return begun;
    }

    /** Called under the lock; what it returns is to be closed without it. */
    private @Nullable Watch stop() {
        if (pause != null) {
            pause.close();
            pause = null;
        }
        Attempt present = attempt;
        attempt = null;
        revision = 0;
        lastFailure = null;
        backoff.reset();
        if (present == null) {
            return null;
        }
        present.over = true;
        return present.watch;
    }

    private void restart() {
        Attempt begun;
        synchronized (this) {
            if (closed || attempt != null || followers.isEmpty()) {
                return;
            }
            begun = begin();
        }
        try {
            begun.start();
        } catch (RuntimeException e) {
            begun.failed(e);
        }
    }

    /** Whether what is written is being told. */
    synchronized boolean isRunning() {
        return attempt != null && attempt.runs;
    }

    /** Whether the watch has begun with the state, which has not come. */
    synchronized boolean isAwaitingState() {
        return attempt != null && attempt.whole && !attempt.runs;
    }

    /** Runs {@code task} on this or another thread, while no follower is told anything. */
    void inTurn(Runnable task) {
        synchronized (this) {
            news.add(task);
        }
        tellNews();
    }

    /** Called under the lock; {@link #tellNews} is to be called without it, soon. */
    private void queue(Consumer<Follower> what) {
        for (Follower follower : followers) {
            news.add(() -> what.accept(follower));
        }
    }

    private void tellNews() {
        while (true) {
            Runnable next;
            synchronized (this) {
                if (telling || news.isEmpty()) {
                    return;
                }
                next = news.remove();
                telling = true;
            }
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                // Nothing that befalls one of them may keep the others from it.
                LOG.error(
                        "Something that follows '{}' has failed; the others go on.",
                        Printable.line(directory.path()),
                        e);
            } finally {
                synchronized (this) {
                    telling = false;
                }
            }
        }
    }

    /** One try; all of it guarded by the watch. */
    private final class Attempt implements WatchListener {
        private final boolean whole;

        /** Whether changes are told from {@link #revision} on. */
        private boolean runs;

        private boolean rewound;
        private boolean over;
        private @Nullable Watch watch;

        Attempt(boolean whole) {
            this.whole = whole;
        }

        void start() {
            if (whole) {
                open(WatchStart.snapshot());
                return;
            }
            registryContext.backend().get(probe).whenComplete((result, failure) -> {
                if (result == null) {
                    interrupted(Futures.unwrap(failure));
                    return;
                }
                try {
                    startAfter(result.revision());
                } catch (RuntimeException e) {
                    failed(e);
                }
            });
        }

        private void startAfter(long from) {
            synchronized (SharedWatch.this) {
                if (over) {
                    return;
                }
                rewindIfBehind(from);
                revision = from;
                runs = true;
                queue(follower -> follower.onStarted(from));
            }
            open(WatchStart.after(from));
            tellNews();
        }

        private void open(WatchStart start) {
            Watch opened = registryContext.backend().watch(directory, start, this);
            boolean late;
            synchronized (SharedWatch.this) {
                late = over;
                watch = opened;
            }
            if (late) {
                opened.close();
            }
        }

        /** A watch never brings less than was told before; a store that was restored or wiped has forgotten the rest. Called under the lock. */
        private void rewindIfBehind(long now) {
            if (now < revision || rewound) {
                LOG.warn(
                        "The store has gone back from revision {} to {}; what follows '{}' is filled anew.",
                        revision,
                        now,
                        Printable.line(directory.path()));
                queue(Follower::onRewound);
            }
            rewound = false;
        }

        @Override
        public void onRewound() {
            synchronized (SharedWatch.this) {
                rewound = true;
            }
        }

        @Override
        public void onSignal(WatchSignal signal) {
            synchronized (SharedWatch.this) {
                if (over) {
                    return;
                }
                if (signal instanceof Snapshot) {
                    rewindIfBehind(signal.revision());
                }
                revision = signal.revision();
                runs = true;
                lastFailure = null;
                backoff.reset();
                queue(follower -> follower.onSignal(signal));
            }
            tellNews();
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            if (cause != null) {
                interrupted(cause);
            }
        }

        /** What was thrown at once. */
        void failed(RuntimeException thrown) {
            interrupted(thrown);
        }

        private void interrupted(Throwable cause) {
            synchronized (SharedWatch.this) {
                if (over) {
                    return;
                }
                over = true;
                attempt = null;
                if (cause instanceof BackendClosedException closing) {
                    lastFailure = closing;
                    queue(follower -> follower.onEnd(closing));
                } else {
                    if (cause instanceof KvException failure) {
                        lastFailure = failure;
                        queue(follower -> follower.onInterrupted(failure));
                    } else {
                        LOG.warn(
                                "The watch on '{}' could not be started and is tried again.",
                                Printable.line(directory.path()),
                                cause);
                    }
                    pause = registryContext
                            .time()
                            .schedule(
                                    backoff.next(),
                                    () -> registryContext.callbacks().execute(SharedWatch.this::restart));
                }
            }
            tellNews();
        }
    }
}
