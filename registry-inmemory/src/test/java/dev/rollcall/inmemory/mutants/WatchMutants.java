package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Watches that deliver something else than what happened. */
final class WatchMutants {
    private WatchMutants() {}

    /** A handle whose listeners are called through what {@code wrong} makes of them. */
    static Function<InMemoryBackend, Forwarding> listening(UnaryOperator<WatchListener> wrong) {
        return handle -> new Forwarding(handle) {
            @Override
            public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                return handle.watch(directory, start, wrong.apply(requireNonNull(listener, "listener")));
            }
        };
    }

    private static Changes nothing(WatchSignal signal, long revision) {
        return new Changes(signal.directory(), List.of(), revision);
    }

    /** The changes of a transaction come in two batches. */
    static final class TornBatch extends MutantListener {
        TornBatch(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Changes changes && changes.changes().size() > 1) {
                List<Change> all = changes.changes();
                int last = all.size() - 1;
                if (all.get(last - 1).revision() == all.get(last).revision()) {
                    listener.onSignal(new Changes(changes.directory(), all.subList(0, last), changes.revision()));
                    listener.onSignal(
                            new Changes(changes.directory(), all.subList(last, last + 1), changes.revision()));
                    return;
                }
            }
            listener.onSignal(signal);
        }
    }

    /** Every second event is lost, whatever signal it comes in. */
    static final class DroppedEvent extends MutantListener {
        DroppedEvent(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!(signal instanceof Changes changes)) {
                listener.onSignal(signal);
                return;
            }
            List<Change> kept = changes.changes().stream()
                    .filter(change -> change.revision() % 2 == 0)
                    .toList();
            if (!kept.isEmpty()) {
                listener.onSignal(new Changes(changes.directory(), kept, changes.revision()));
            }
        }
    }

    /** Now and then a fresh snapshot is shown, page by page. */
    static final class SnapshotInPages extends Forwarding {
        private static final int PAGED = 3;

        SnapshotInPages(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(
                    directory, start, start instanceof WatchStart.FromSnapshot ? new Paging(listener) : listener);
        }

        private static final class Paging extends MutantListener {
            private final SortedMap<Key, KeyValue> held = new TreeMap<>();

            Paging(WatchListener listener) {
                super(requireNonNull(listener, "listener"));
            }

            @Override
            public void onSignal(WatchSignal signal) {
                listener.onSignal(signal);
                if (signal instanceof Snapshot snapshot) {
                    held.clear();
                    snapshot.entries().forEach(entry -> held.put(entry.key(), entry));
                    return;
                }
                for (Change change : ((Changes) signal).changes()) {
                    if (change instanceof Change.Put put) {
                        held.put(put.key(), put.entry());
                    } else {
                        held.remove(change.key());
                    }
                }
                List<KeyValue> all = List.copyOf(held.values());
                if (all.size() >= PAGED) {
                    listener.onSignal(
                            new Snapshot(signal.directory(), all.subList(0, all.size() / 2), signal.revision()));
                    listener.onSignal(new Snapshot(signal.directory(), all, signal.revision()));
                }
            }
        }
    }

    /** A watch does not come back after a cut. */
    static final class DeadAfterACut extends Forwarding {
        private volatile boolean cut;

        DeadAfterACut(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            cut = true;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (!cut) {
                        listener.onSignal(signal);
                    }
                }
            });
        }
    }

    /** One lock for all listeners of a handle. */
    static final class OneListenerAtATime extends Forwarding {
        private final Lock lock = new ReentrantLock();

        OneListenerAtATime(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    lock.lock();
                    try {
                        listener.onSignal(signal);
                    } finally {
                        lock.unlock();
                    }
                }
            });
        }
    }

    /** So many watches on a connection, and no more. */
    static final class HundredWatches extends Forwarding {
        private final AtomicInteger watches = new AtomicInteger();

        HundredWatches(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            boolean mute = watches.incrementAndGet() > 100;
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (!mute) {
                        listener.onSignal(signal);
                    }
                }
            });
        }
    }

    /** Where catching up ends and following begins, each signal waits for the next, so the last is never delivered. */
    static final class DroppedLastEvent extends Forwarding {
        DroppedLastEvent(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(
                    directory, start, start instanceof WatchStart.AfterRevision ? new OneBehind(listener) : listener);
        }
    }

    private static final class OneBehind extends MutantListener {
        private @Nullable WatchSignal waiting;

        OneBehind(WatchListener listener) {
            super(requireNonNull(listener, "listener"));
        }

        @Override
        public void onSignal(WatchSignal signal) {
            WatchSignal before = waiting;
            waiting = signal;
            if (before != null) {
                listener.onSignal(before);
            }
        }
    }

    /** The position to go on from is taken before the signal and not after it. */
    static final class DuplicateAfterReconnect extends Forwarding {
        private final AtomicInteger cuts = new AtomicInteger();

        DuplicateAfterReconnect(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        void cut() {
            cuts.incrementAndGet();
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                private int seen;

                @Override
                public void onSignal(WatchSignal signal) {
                    listener.onSignal(signal);
                    if (signal instanceof Changes && seen != cuts.get()) {
                        seen = cuts.get();
                        listener.onSignal(signal);
                    }
                }
            });
        }
    }

    /** Progress marks are taken from another place than events, which is behind. */
    static final class OlderAfterNewer extends MutantListener {
        OlderAfterNewer(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            listener.onSignal(signal);
            if (signal instanceof Changes) {
                listener.onSignal(nothing(signal, signal.revision() - 1));
            }
        }
    }

    /** What was compacted during a gap is passed over. */
    static final class GapWithoutSnapshot extends MutantListener {
        private boolean started;

        GapWithoutSnapshot(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (started && signal instanceof Snapshot) {
                return;
            }
            started = true;
            listener.onSignal(signal);
        }
    }

    /** A signal that was in the queue when the end came. */
    static final class SignalAfterEnd extends MutantListener {
        private @Nullable WatchSignal last;

        SignalAfterEnd(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            last = signal;
            listener.onSignal(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            listener.onEnd(cause);
            if (last != null) {
                listener.onSignal(nothing(last, last.revision()));
            }
        }
    }

    /** Ended by the owner and by the connection. */
    static final class SecondEnd extends MutantListener {
        SecondEnd(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            listener.onEnd(cause);
            listener.onEnd(cause);
        }
    }

    /** The loop that calls the listener ends with its first exception. */
    static final class KilledByItsListener extends MutantListener {
        private boolean dead;

        KilledByItsListener(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!dead) {
                try {
                    listener.onSignal(signal);
                } catch (RuntimeException | Error e) {
                    dead = true;
                }
            }
        }
    }

    /** The signal that a listener failed at is delivered once more. */
    static final class ReplayedToAListenerThatThrew extends MutantListener {
        ReplayedToAListenerThatThrew(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            try {
                listener.onSignal(signal);
            } catch (RuntimeException | Error e) {
                listener.onSignal(signal);
            }
        }
    }

    /** A second thread tells how far the watch is. */
    static final class ConcurrentCallbacks extends MutantListener {
        ConcurrentCallbacks(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!(signal instanceof Changes changes) || changes.changes().isEmpty()) {
                listener.onSignal(signal);
                return;
            }
            CountDownLatch atIt = new CountDownLatch(1);
            Thread second = new Thread(
                    () -> {
                        atIt.countDown();
                        listener.onSignal(signal);
                    },
                    "inmemory-second");
            second.setDaemon(true);
            second.start();
            try {
                atIt.await();
                listener.onSignal(nothing(signal, signal.revision()));
                second.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The flag is not carried over. */
    static final class LeasedIsForgotten extends MutantListener {
        LeasedIsForgotten(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!(signal instanceof Changes changes)) {
                listener.onSignal(signal);
                return;
            }
            List<Change> plain = new ArrayList<>();
            for (Change change : changes.changes()) {
                plain.add(
                        change instanceof Change.Put put
                                ? new Change.Put(new KeyValue(
                                        put.key(),
                                        put.entry().value(),
                                        put.entry().revision(),
                                        false))
                                : change);
            }
            listener.onSignal(new Changes(changes.directory(), plain, changes.revision()));
        }
    }

    /** An empty directory has nothing to tell, and so never begins. */
    static final class EmptySnapshotWithheld extends MutantListener {
        EmptySnapshotWithheld(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!(signal instanceof Snapshot snapshot) || snapshot.size() > 0) {
                listener.onSignal(signal);
            }
        }
    }

    /** The path of the directory used as a prefix as it is. */
    static final class PrefixWithoutSlash extends Forwarding {
        PrefixWithoutSlash(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (directory.equals(Directory.ROOT) || !(start instanceof WatchStart.FromSnapshot)) {
                return handle.watch(directory, start, listener);
            }
            Watch all = handle.watch(Directory.ROOT, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (signal instanceof Snapshot all) {
                        listener.onSignal(new Snapshot(
                                directory,
                                all.entries().stream()
                                        .filter(entry -> covers(entry.key().path()))
                                        .toList(),
                                all.revision()));
                    } else {
                        List<Change> covered = ((Changes) signal)
                                .changes().stream()
                                        .filter(change -> covers(change.key().path()))
                                        .toList();
                        if (!covered.isEmpty()) {
                            listener.onSignal(new Changes(directory, covered, signal.revision()));
                        }
                    }
                }

                private boolean covers(String path) {
                    return path.startsWith(directory.path()) && !path.equals(directory.path());
                }
            });
            return new Watch() {
                @Override
                public Directory directory() {
                    return directory;
                }

                @Override
                public void close() {
                    all.close();
                }
            };
        }
    }
}
