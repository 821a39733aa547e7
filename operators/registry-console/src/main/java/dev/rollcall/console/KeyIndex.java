package dev.rollcall.console;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys below a directory, without their values, kept up to date by one watch: what the tree, the search and the discovery of nodes and locks look at,
 * so that none of them asks the store.
 *
 * <p>Where the directory may not be read, or has more keys than shall be held, there is no index, and the page goes level by level.
 */
/*
 * Concurrency: paths is a concurrent set, read by any thread. state, failure and revision are written on the console's thread and read by any. Everything
 * else is confined to that thread.
 */
final class KeyIndex implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    /** Some 60 MB. */
    static final int MOST_KEYS = 500_000;

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_DENIED = Duration.ofSeconds(30);

    enum State {
        LOADING,
        READY,
        DENIED,
        TOO_LARGE
    }

    /** Learns what the index learns. Called on the console's thread. */
    interface Observer {
        /** The keys were read anew, so anything may have changed. */
        void onLoaded(KeyIndex index);

        void onChange(Change change);
    }

    /**
     * What is directly below a directory.
     *
     * @param isKey whether it is a key itself; null if that is unknown
     * @param below the number of keys below it; -1 if that is unknown
     */
    record Child(String name, @Nullable Boolean isKey, int below) {}

    /** The first keys found, and how many there are. */
    record Found(List<String> paths, int total) {}

    private final KvBackend backend;
    private final Directory directory;
    private final ScheduledExecutorService thread;
    private final Observer observer;
    private final NavigableSet<String> paths = new ConcurrentSkipListSet<>();
    private volatile State state = State.LOADING;
    private volatile @Nullable KvException failure;
    private volatile long revision;
    private @Nullable Watch watch;
    private int size;
    private int attempt;
    private boolean closed;

    KeyIndex(KvBackend backend, Directory directory, ScheduledExecutorService thread, Observer observer) {
        this.backend = backend;
        this.directory = directory;
        this.thread = thread;
        this.observer = observer;
    }

    Directory directory() {
        return directory;
    }

    State state() {
        return state;
    }

    /** Why there is no index, or why it may be behind; null if neither. */
    @Nullable
    KvException failure() {
        return failure;
    }

    long revision() {
        return revision;
    }

    int size() {
        return size;
    }

    // --- Keeping it

    /** Reads the keys, and follows them. */
    void load() {
        if (closed) {
            return;
        }
        int mine = ++attempt;
        stopWatching();
        backend.keys(directory)
                .whenComplete((listing, problem) -> thread.execute(() -> {
                    if (closed || mine != attempt) {
                        return;
                    }
                    if (problem != null) {
                        failed(Futures.unwrap(problem));
                    } else {
                        loaded(listing);
                    }
                }));
    }

    private void loaded(KeyListing listing) {
        failure = null;
        revision = Math.max(revision, listing.revision());
        size = listing.keys().size();
        paths.clear();
        if (size > MOST_KEYS) {
            state = State.TOO_LARGE;
            LOG.info("The console has no index of '{}', which has {} keys.", directory, size);
            return;
        }
        listing.keys().forEach(key -> paths.add(key.path()));
        state = State.READY;
        observer.onLoaded(this);
        int mine = attempt;
        watch = backend.watch(directory, WatchStart.after(listing.revision()), new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                thread.execute(() -> {
                    if (mine == attempt) {
                        apply(signal);
                    }
                });
            }

            @Override
            public void onRewound() {
                thread.execute(() -> {
                    if (mine == attempt) {
                        revision = 0;
                        load();
                    }
                });
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                thread.execute(() -> {
                    if (mine == attempt && cause != null) {
                        failed(cause);
                    }
                });
            }
        });
    }

    private void apply(WatchSignal signal) {
        revision = Math.max(revision, signal.revision());
        if (!(signal instanceof Changes changes)) {
            load();
            return;
        }
        for (Change change : changes.changes()) {
            String path = change.key().path();
            if (change instanceof Change.Put) {
                size += paths.add(path) ? 1 : 0;
            } else {
                size -= paths.remove(path) ? 1 : 0;
            }
            observer.onChange(change);
        }
    }

    /** The store was read at this revision, so that the index, which heard of no change, is as of it or about to be. */
    void seen(long storeRevision) {
        if (state != State.READY) {
            revision = Math.max(revision, storeRevision);
        }
    }

    private void failed(Throwable cause) {
        stopWatching();
        if (cause instanceof BackendClosedException) {
            return;
        }
        if (cause instanceof KvException known) {
            if (failure == null) {
                LOG.info("The console's index of '{}' waits: {}", directory, known.getMessage());
            }
            failure = known;
        } else {
            LOG.error("The console's index of '{}' could not be read.", directory, cause);
        }
        Duration pause = RETRY;
        if (cause instanceof AccessDeniedException) {
            state = State.DENIED;
            paths.clear();
            size = 0;
            pause = RETRY_DENIED;
        }
        int mine = attempt;
        thread.schedule(
                () -> {
                    if (mine == attempt) {
                        load();
                    }
                },
                pause.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void stopWatching() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        attempt++;
        stopWatching();
    }

    // --- Looking at it, on any thread

    boolean contains(Key key) {
        return paths.contains(key.path());
    }

    /** All keys below a directory, sorted; they may change meanwhile. */
    Iterable<String> below(Directory at) {
        return Collections.unmodifiableSortedSet(paths.subSet(at.rangeStart(), at.rangeEnd()));
    }

    /** What is directly below {@code at}, sorted by name. */
    List<Child> children(Directory at) {
        String start = at.rangeStart();
        Map<String, int[]> found = new TreeMap<>();
        for (String path : paths.subSet(start, at.rangeEnd())) {
            int slash = path.indexOf('/', start.length());
            String name = slash < 0 ? path.substring(start.length()) : path.substring(start.length(), slash);
            int[] counts = found.computeIfAbsent(name, absent -> new int[2]);
            counts[slash < 0 ? 0 : 1]++;
        }
        List<Child> children = new ArrayList<>(found.size());
        found.forEach((name, counts) -> children.add(new Child(name, counts[0] > 0, counts[1])));
        return children;
    }

    /** The keys that contain each of these words, in lower or upper case. */
    Found search(List<String> words, int most) {
        List<String> lower =
                words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
        List<String> first = new ArrayList<>();
        int total = 0;
        for (String path : paths) {
            String text = path.toLowerCase(Locale.ROOT);
            boolean all = true;
            for (String word : lower) {
                all &= text.contains(word);
            }
            if (all) {
                total++;
                if (first.size() < most) {
                    first.add(path);
                }
            }
        }
        return new Found(first, total);
    }
}
