package dev.rollcall.registry;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.support.SerialLane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registrations' part of a shared watch: tells each registration of changes to its own keys. */
/*
 * Concurrency: observers and byKey are concurrent maps, read in the turns of the shared watch. Everything else that changes is confined to lane, on which
 * what the watch tells is queued in order. Observers are called without a lock; they only queue tasks on their own lanes.
 */
final class KeyTracker implements SharedWatch.Follower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    /** How long a watch has to last before a quiet one counts as running again: one that is refused ends sooner, if it can be asked for at all. */
    static final Duration PROOF = Duration.ofSeconds(10);

    /** Learns about some keys. All methods return quickly. */
    interface Observer {
        /** A key was written or deleted at this revision. */
        void onChange(Key key, long revision);

        /** Changes may have been missed up to the revision {@code from}; what comes after it is told. 0 if that is unknown, as when the watch is denied; then nothing is told yet. */
        void onWatching(long from);

        /** The store has gone back in time: no revision from before means anything. {@link #onWatching} follows. */
        void onRewound();

        /** The watch cannot be started, or has ended, and will be started again. */
        void onFailure(KvException cause);

        /** The store has become reachable. */
        void onConnected();

        /** The backend was closed. */
        void onClosed();
    }

    private final RegistryContext registryContext;
    private final SharedWatch shared;
    private final SerialLane lane;
    private final Set<Observer> observers = ConcurrentHashMap.newKeySet();
    private final Map<Key, Set<Observer>> byKey = new ConcurrentHashMap<>();

    private boolean joined;
    private boolean watching;
    private long watchingFrom;
    private @Nullable KvException failure;

    /** Whether the log says that the watch does not run. */
    private boolean saidToFail;

    private @Nullable Subscription proof;
    private @Nullable Subscription connection;
    private boolean ended;

    KeyTracker(RegistryContext registryContext, SharedWatch shared) {
        this.registryContext = registryContext;
        this.shared = shared;
        this.lane = new SerialLane(registryContext.callbacks());
    }

    /** Tells {@code observer} about its keys, {@link Observer#onWatching} first. */
    Subscription track(Observer observer, List<Key> keys) {
        for (Key key : keys) {
            // Within the map's step, so that an observer which leaves meanwhile does not take the set away.
            byKey.compute(key, (same, of) -> {
                Set<Observer> all = of == null ? new CopyOnWriteArraySet<>() : of;
                all.add(observer);
                return all;
            });
        }
        observers.add(observer);
        lane.execute(() -> added(observer));
        return () -> {
            observers.remove(observer);
            for (Key key : keys) {
                byKey.computeIfPresent(key, (absent, of) -> {
                    of.remove(observer);
                    return of.isEmpty() ? null : of;
                });
            }
            lane.execute(this::removed);
        };
    }

    private void added(Observer observer) {
        if (ended) {
            observer.onClosed();
        } else if (!joined) {
            join();
        } else if (watching) {
            observer.onWatching(watchingFrom);
        } else if (failure != null) {
            tellFailure(observer, failure);
        }
    }

    private void join() {
        if (observers.isEmpty()) {
            return;
        }
        joined = true;
        connection = registryContext.backend().onConnection(status -> {
            if (status.state() == ConnectionState.CONNECTED) {
                lane.execute(this::connected);
            }
        });
        try {
            SharedWatch.Joined at = shared.join(this);
            if (at.isRunning()) {
                started(at.revision());
            } else if (at.lastFailure() != null) {
                interrupted(at.lastFailure());
            } else if (shared.isAwaitingState()) {
                // A large state may take its time, and a registration needs none of it: it looks again when that has
                // come.
                started(0);
            }
        } catch (RuntimeException e) {
            LOG.error(
                    "The watch on '{}' could not be started.",
                    Printable.line(shared.directory().path()),
                    e);
        }
    }

    private void removed() {
        if (joined && observers.isEmpty()) {
            leave();
        }
    }

    private void leave() {
        joined = false;
        watching = false;
        failure = null;
        saidToFail = false;
        endProof();
        if (connection != null) {
            connection.close();
            connection = null;
        }
        shared.leave(this);
    }

    private void started(long from) {
        watching = true;
        watchingFrom = from;
        failure = null;
        observers.forEach(observer -> observer.onWatching(from));
    }

    private void connected() {
        if (joined) {
            shared.retryNow();
            observers.forEach(Observer::onConnected);
        }
    }

    // --- What the watch tells

    @Override
    public boolean needsState() {
        return false;
    }

    @Override
    public void onStarted(long revision) {
        lane.execute(() -> {
            if (joined) {
                started(revision);
                // Where nothing is written, nothing tells that the watch runs.
                if (saidToFail) {
                    endProof();
                    proof = registryContext.time().schedule(PROOF, () -> lane.execute(this::runs));
                }
            }
        });
    }

    @Override
    public void onSignal(WatchSignal signal) {
        if (signal instanceof Changes changes) {
            for (Change change : changes.changes()) {
                for (Observer observer : byKey.getOrDefault(change.key(), Set.of())) {
                    observer.onChange(change.key(), change.revision());
                }
            }
        }
        boolean whole = !(signal instanceof Changes);
        lane.execute(() -> {
            if (joined) {
                if (whole) {
                    started(signal.revision());
                }
                runs();
            }
        });
    }

    private void runs() {
        endProof();
        if (saidToFail && watching) {
            saidToFail = false;
            LOG.info(
                    "The watch on '{}' runs again.",
                    Printable.line(shared.directory().path()));
        }
    }

    private void endProof() {
        if (proof != null) {
            proof.close();
            proof = null;
        }
    }

    @Override
    public void onRewound() {
        lane.execute(() -> observers.forEach(Observer::onRewound));
    }

    @Override
    public void onInterrupted(KvException cause) {
        lane.execute(() -> {
            if (joined) {
                interrupted(cause);
            }
        });
    }

    private void interrupted(KvException cause) {
        watching = false;
        failure = cause;
        endProof();
        if (!saidToFail) {
            saidToFail = true;
            LOG.info(
                    "The watch on '{}' does not run, which is tried again: {}",
                    Printable.line(shared.directory().path()),
                    cause.getMessage());
        }
        LOG.debug(
                "The watch on '{}' has ended.",
                Printable.line(shared.directory().path()),
                cause);
        observers.forEach(observer -> tellFailure(observer, cause));
    }

    private static void tellFailure(Observer observer, KvException cause) {
        observer.onFailure(cause);
        if (cause instanceof AccessDeniedException) {
            // Whoever may not watch may still write; changes by others are then found out by failing conditions only.
            observer.onWatching(0);
        }
    }

    @Override
    public void onEnd(KvException cause) {
        lane.execute(() -> {
            ended = true;
            watching = false;
            endProof();
            observers.forEach(Observer::onClosed);
        });
    }

    @Override
    public void close() {
        lane.execute(() -> {
            if (joined) {
                leave();
            }
        });
    }
}
