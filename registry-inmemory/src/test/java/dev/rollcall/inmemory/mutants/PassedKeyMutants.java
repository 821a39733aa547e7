package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Watches that find changes by comparing states, as a client does whose server tells that something has changed but not what. */
final class PassedKeyMutants {
    private PassedKeyMutants() {}

    static List<Mutant> all() {
        return List.of(
                mutant("WATCH-5", "deletions of known keys only", DeletionsOfKnownKeys::new)
                        .seenBy(
                                "keyThatComesAndGoesBetweenTwoSignalsIsToldToBeDeleted",
                                "keyThatWasReadBeforeItWentIsToldToBeDeleted"),
                mutant("WATCH-5", "states are compared", ComparedStates::new)
                        .seenBy("keyThatComesAndGoesBetweenTwoSignalsIsToldToBeDeleted")
                        .judgedIn("watchesAgreeWithEveryWriteAndRead"));
    }

    /** No watch tells that a key has gone which neither it nor a list of the handle has shown. */
    private static final class DeletionsOfKnownKeys extends Forwarding {
        private final Set<Key> listed = ConcurrentHashMap.newKeySet();

        DeletionsOfKnownKeys(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(super.list(directory, consistency), snapshot -> {
                snapshot.entries().forEach(entry -> listed.add(entry.key()));
                return snapshot;
            });
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            requireNonNull(listener, "listener");
            if (start instanceof WatchStart.History) {
                return super.watch(directory, start, listener);
            }
            return super.watch(directory, start, new MutantListener(listener) {
                private final Set<Key> shown = new HashSet<>();

                @Override
                public void onSignal(WatchSignal signal) {
                    if (!(signal instanceof Changes changes)) {
                        ((Snapshot) signal).entries().forEach(entry -> shown.add(entry.key()));
                        super.onSignal(signal);
                        return;
                    }
                    List<Change> known =
                            changes.changes().stream().filter(this::isKnown).toList();
                    if (!known.isEmpty()) {
                        super.onSignal(new Changes(directory, known, signal.revision()));
                    }
                }

                private boolean isKnown(Change change) {
                    if (change instanceof Change.Put) {
                        shown.add(change.key());
                        return true;
                    }
                    return shown.contains(change.key()) || listed.contains(change.key());
                }
            });
        }
    }

    /** A watch from a snapshot tells what differs between two looks, and takes its time between them. */
    private static final class ComparedStates extends Forwarding {
        private static final long LOOK_NANOS = 1_000_000;

        ComparedStates(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            requireNonNull(listener, "listener");
            if (!(start instanceof WatchStart.FromSnapshot)) {
                return super.watch(directory, start, listener);
            }
            return super.watch(directory, start, new MutantListener(listener) {
                private final Set<Key> held = new HashSet<>();

                @Override
                public void onSignal(WatchSignal signal) {
                    LockSupport.parkNanos(LOOK_NANOS);
                    if (!(signal instanceof Changes changes)) {
                        held.clear();
                        ((Snapshot) signal).entries().forEach(entry -> held.add(entry.key()));
                        super.onSignal(signal);
                        return;
                    }
                    List<Change> differences =
                            changes.changes().stream().filter(this::differs).toList();
                    if (!differences.isEmpty()) {
                        super.onSignal(new Changes(directory, differences, signal.revision()));
                    }
                }

                private boolean differs(Change change) {
                    if (change instanceof Change.Put) {
                        held.add(change.key());
                        return true;
                    }
                    return held.remove(change.key());
                }
            });
        }
    }
}
