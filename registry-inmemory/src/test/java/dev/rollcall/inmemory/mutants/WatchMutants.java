package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
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

    /** One signal for each change instead of for each revision. */
    static final class TornBatch extends MutantListener {
        TornBatch(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Changes changes
                    && changes.changes().size() > 1
                    && changes.changes().get(0).revision() == changes.revision()) {
                for (Change change : changes.changes()) {
                    listener.onSignal(new Changes(changes.directory(), List.of(change), change.revision()));
                }
            } else {
                listener.onSignal(signal);
            }
        }
    }

    /** Now and then an event is lost. */
    static final class DroppedEvent extends MutantListener {
        private int count;

        DroppedEvent(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Changes && ++count % 8 == 0) {
                return;
            }
            listener.onSignal(signal);
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
        DuplicateAfterReconnect(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            int[] seen = new int[1];
            int[] cuts = new int[1];
            handle.onConnection(status -> cuts[0]++);
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    listener.onSignal(signal);
                    if (signal instanceof Changes && cuts[0] > 1 && seen[0] != cuts[0]) {
                        seen[0] = cuts[0];
                        listener.onSignal(signal);
                    }
                }
            });
        }
    }

    /** A progress mark that was under way overtakes nothing, and is delivered all the same. */
    static final class OlderAfterNewer extends MutantListener {
        private int count;

        OlderAfterNewer(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            listener.onSignal(signal);
            if (signal instanceof Changes && ++count % 4 == 0) {
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
            Thread second = new Thread(() -> listener.onSignal(signal), "inmemory-second");
            second.setDaemon(true);
            second.start();
            listener.onSignal(nothing(signal, signal.revision() - 1));
            try {
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
            return handle.watch(Directory.ROOT, start, new MutantListener(requireNonNull(listener, "listener")) {
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
        }
    }
}
