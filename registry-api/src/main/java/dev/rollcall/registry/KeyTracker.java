package dev.rollcall.registry;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.Backoff;
import dev.rollcall.kv.support.SerialLane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch for all keys that a registry's registrations own. It begins after a revision and not with a snapshot, since a registration knows
 * how to read its own few keys, and the rest of the directory may be large.
 */
/*
 * Concurrency: observers and byKey are concurrent maps, read by the watch's thread. What belongs to the watch (watch, watching, watchingFrom,
 * starting, retry, connection, failing, closed) is confined to lane. Observers are called without a lock; they only queue tasks on their own lanes.
 */
final class KeyTracker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    /** Learns about some keys. All methods return quickly. */
    interface Observer {
        /** A key was written or deleted at this revision. */
        void onChange(Key key, long revision);

        /** Changes may have been missed up to the revision {@code from}; what comes after it is told. 0 if nobody knows and nothing will be told. */
        void onWatching(long from);

        /** The watch cannot be started, or has ended, and will be started again. */
        void onFailure(KvException cause);

        /** The store has become reachable. */
        void onConnected();

        /** The backend was closed. */
        void onClosed();
    }

    private final Surroundings surroundings;
    private final SerialLane lane;
    private final Set<Observer> observers = ConcurrentHashMap.newKeySet();
    private final Map<Key, Set<Observer>> byKey = new ConcurrentHashMap<>();
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), new SplittableRandom());

    private @Nullable Watch watch;
    private @Nullable Subscription retry;
    private @Nullable Subscription connection;
    private boolean starting;
    private boolean watching;
    private long watchingFrom;
    private boolean failing;
    private boolean closed;

    KeyTracker(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.lane = new SerialLane(surroundings.callbacks());
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
        lane.execute(() -> {
            if (watching) {
                observer.onWatching(watchingFrom);
            } else {
                start();
            }
        });
        return () -> {
            observers.remove(observer);
            for (Key key : keys) {
                byKey.computeIfPresent(key, (absent, of) -> {
                    of.remove(observer);
                    return of.isEmpty() ? null : of;
                });
            }
        };
    }

    private void start() {
        if (closed || starting || retry != null) {
            return;
        }
        if (connection == null) {
            connection = surroundings.backend().onConnection(status -> {
                if (status.state() == ConnectionState.CONNECTED) {
                    lane.execute(this::connected);
                }
            });
        }
        starting = true;
        surroundings
                .backend()
                .get(surroundings.keys().probe())
                .whenComplete((result, failure) -> lane.execute(() -> {
                    starting = false;
                    if (failure == null) {
                        watchAfter(result);
                    } else {
                        ended(Futures.unwrap(failure));
                    }
                }));
    }

    private void watchAfter(GetResult probe) {
        if (closed) {
            return;
        }
        watching = true;
        if (failing) {
            failing = false;
            LOG.info(
                    "The watch on '{}' has been started again.",
                    surroundings.keys().root());
        }
        watchingFrom = probe.revision();
        watch = surroundings
                .backend()
                .watch(surroundings.keys().root(), WatchStart.after(watchingFrom), new Listener());
        observers.forEach(observer -> observer.onWatching(watchingFrom));
    }

    private void connected() {
        if (retry != null) {
            retry.close();
            retry = null;
            start();
        }
        observers.forEach(Observer::onConnected);
    }

    private void ended(@Nullable Throwable cause) {
        watching = false;
        if (closed) {
            return;
        }
        if (cause == null || cause instanceof BackendClosedException) {
            observers.forEach(Observer::onClosed);
            return;
        }
        if (!failing) {
            failing = true;
            LOG.info(
                    "The watch on '{}' has ended and is started again: {}",
                    surroundings.keys().root(),
                    cause.getMessage());
        }
        LOG.debug("The watch on '{}' has ended.", surroundings.keys().root(), cause);
        if (cause instanceof KvException failure) {
            observers.forEach(observer -> observer.onFailure(failure));
        }
        if (cause instanceof AccessDeniedException) {
            // Whoever may not watch may still write; changes by others are then found out by failing conditions only.
            observers.forEach(observer -> observer.onWatching(0));
        }
        retry = surroundings
                .time()
                .schedule(
                        backoff.next(),
                        () -> lane.execute(() -> {
                            retry = null;
                            start();
                        }));
    }

    @Override
    public void close() {
        lane.execute(() -> {
            closed = true;
            if (watch != null) {
                watch.close();
            }
            if (retry != null) {
                retry.close();
            }
            if (connection != null) {
                connection.close();
            }
        });
    }

    private final class Listener implements WatchListener {
        /** Confined to the calls of this listener, which come one after another. */
        private boolean heard;

        @Override
        public void onSignal(WatchSignal signal) {
            if (!heard) {
                heard = true;
                lane.execute(backoff::reset);
            }
            if (signal instanceof Changes changes) {
                for (Change change : changes.changes()) {
                    for (Observer observer : byKey.getOrDefault(change.key(), Set.of())) {
                        observer.onChange(change.key(), change.revision());
                    }
                }
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            lane.execute(() -> ended(cause));
        }
    }
}
