package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static dev.rollcall.inmemory.mutants.WatchMutants.listening;
import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;

/** What is right as long as it fits into one page, frame, buffer or pool. */
final class ThresholdMutants {
    private static final int PAGE = 500;

    private ThresholdMutants() {}

    static List<Mutant> all() {
        String many = "manyEntriesAreThereInOrderWhileBothEndsAreWritten";
        String largest = "largestTransactionComesThroughEveryWatchWhole";
        String limits = "limitsOfATransactionHoldToTheByte";
        return List.of(
                mutant(
                                "READ-5",
                                "page begins with the last of the one before",
                                handle -> new Paged(handle, ThresholdMutants::overlapping))
                        .seenBy(many),
                mutant(
                                "READ-5",
                                "pages in the order of their answers",
                                handle -> new Paged(handle, ThresholdMutants::swapped))
                        .seenBy(many),
                mutant("READ-4", "first page from a cache", FirstPageFromACache::new)
                        .seenBy(many),
                mutant("WATCH-4", "fifty changes in a signal", listening(FiftyChanges::new))
                        .seenBy(largest),
                mutant("WATCH-5", "buffer of so many bytes", listening(SmallBuffer::new))
                        .seenBy(largest),
                mutant("TXN-5", "limit counts the conditions", handle -> new SmallerRequest(handle, 0, true))
                        .seenBy(limits),
                mutant("TXN-5", "limit counts a frame for each write", handle -> new SmallerRequest(handle, 8, false))
                        .seenBy(limits),
                mutant("WATCH-2", "snapshot of four megabytes", SmallSnapshot::new)
                        .seenBy("largestValuesComeWholeInAHandful"),
                mutant("WATCH-13", "pool of a hundred threads", HundredThreads::new)
                        .seenBy("listenerThatBlocksDelaysNobodyElse"));
    }

    /** A list in pages that are put together wrongly. */
    static final class Paged extends Forwarding {
        private final UnaryOperator<List<KeyValue>> together;

        Paged(InMemoryBackend handle, UnaryOperator<List<KeyValue>> together) {
            super(handle);
            this.together = together;
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(
                    handle.list(directory, consistency),
                    all -> all.size() <= 2 * PAGE
                            ? all
                            : new Snapshot(directory, together.apply(all.entries()), all.revision()));
        }
    }

    /** By number: an entry that was inserted meanwhile moves the others on, and one of them is lost. */
    private static List<KeyValue> overlapping(List<KeyValue> entries) {
        List<KeyValue> all = new ArrayList<>(entries);
        all.set(PAGE, all.get(PAGE - 1));
        return all;
    }

    /** The second page was there first. */
    private static List<KeyValue> swapped(List<KeyValue> entries) {
        List<KeyValue> all = new ArrayList<>(entries.subList(PAGE, 2 * PAGE));
        all.addAll(entries.subList(0, PAGE));
        all.addAll(entries.subList(2 * PAGE, entries.size()));
        return all;
    }

    /** The first page is that of the list before. */
    static final class FirstPageFromACache extends Forwarding {
        private final Map<Directory, List<KeyValue>> pages = new ConcurrentHashMap<>();

        FirstPageFromACache(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return Futures.map(handle.list(directory, consistency), all -> {
                if (all.size() <= 2 * PAGE) {
                    return all;
                }
                List<KeyValue> before = pages.put(directory, all.entries().subList(0, PAGE));
                List<KeyValue> entries =
                        new ArrayList<>(before == null ? all.entries().subList(0, PAGE) : before);
                entries.addAll(all.entries().subList(PAGE, all.size()));
                return new Snapshot(directory, entries, all.revision());
            });
        }
    }

    /** Fifty changes go into one message. */
    static final class FiftyChanges extends MutantListener {
        FiftyChanges(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (signal instanceof Changes changes && changes.changes().size() > 50) {
                List<Change> all = changes.changes();
                super.onSignal(new Changes(changes.directory(), all.subList(0, 50), changes.revision()));
                super.onSignal(new Changes(changes.directory(), all.subList(50, all.size()), changes.revision()));
            } else {
                super.onSignal(signal);
            }
        }
    }

    /** What does not fit into the buffer falls off its end. */
    static final class SmallBuffer extends MutantListener {
        private static final int BYTES = 750_000;

        SmallBuffer(WatchListener listener) {
            super(listener);
        }

        @Override
        public void onSignal(WatchSignal signal) {
            if (!(signal instanceof Changes changes) || changes.changes().size() < Limits.MAX_TXN_WRITES) {
                super.onSignal(signal);
                return;
            }
            int bytes = 0;
            List<Change> kept = new ArrayList<>();
            for (Change change : changes.changes()) {
                bytes += change instanceof Change.Put put ? put.entry().value().size() : 0;
                if (bytes <= BYTES) {
                    kept.add(change);
                }
            }
            super.onSignal(new Changes(changes.directory(), kept, changes.revision()));
        }
    }

    /** The store has a limit of the same number, and counts more. */
    static final class SmallerRequest extends Forwarding {
        private final int frame;
        private final boolean withConditions;

        SmallerRequest(InMemoryBackend handle, int frame, boolean withConditions) {
            super(handle);
            this.frame = frame;
            this.withConditions = withConditions;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            long bytes = 0;
            for (Write write : txn.writes()) {
                bytes += frame
                        + write.key().path().length()
                        + (write instanceof Write.Put put ? put.value().size() : 0);
            }
            if (withConditions) {
                bytes += txn.conditions().stream()
                        .mapToInt(condition -> condition.key().path().length())
                        .sum();
            }
            if (bytes > Limits.MAX_TXN_BYTES) {
                throw new IllegalArgumentException("request is too large: " + bytes + " bytes");
            }
            return super.commit(txn);
        }
    }

    /** One message, of the size that the library allows by default, has to do for the snapshot. */
    static final class SmallSnapshot extends Forwarding {
        private static final long BYTES = 4 << 20;

        SmallSnapshot(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (!(signal instanceof Snapshot all)) {
                        super.onSignal(signal);
                        return;
                    }
                    long bytes = 0;
                    List<KeyValue> kept = new ArrayList<>();
                    for (KeyValue entry : all.entries()) {
                        bytes += entry.value().size();
                        if (bytes <= BYTES) {
                            kept.add(entry);
                        }
                    }
                    super.onSignal(new Snapshot(directory, kept, all.revision()));
                }
            });
        }
    }

    /** All listeners of a handle share a hundred threads. */
    static final class HundredThreads extends Forwarding {
        private final Semaphore threads = new Semaphore(100);

        HundredThreads(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            return handle.watch(directory, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    threads.acquireUninterruptibly();
                    try {
                        super.onSignal(signal);
                    } finally {
                        threads.release();
                    }
                }
            });
        }
    }
}
