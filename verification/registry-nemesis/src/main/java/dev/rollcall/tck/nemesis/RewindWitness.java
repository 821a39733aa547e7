package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What each handle has open when the store goes back in time: a lease with an entry, a watch from a snapshot and a watch after a revision, on entries
 * that the older state does not have. Then the lease has to be lost, the one watch has to begin again, the other has to end, and new writes have to be
 * read and told.
 */
final class RewindWitness implements Companion {
    private static final long POLL_MILLIS = 20;
    private static final Duration TTL = Duration.ofSeconds(30);

    private final Directory directory;
    private final List<Seen> seen = new ArrayList<>();

    /**
     * Opens everything, and waits until it stands.
     *
     * @throws IllegalStateException if it does not within the setting's patience
     */
    RewindWitness(Setting setting) throws InterruptedException {
        this.directory = setting.place().directory("witness");
        long end = System.nanoTime() + setting.patience().toNanos();
        for (KvBackend handle : setting.handles()) {
            seen.add(open(handle, seen.size(), end));
        }
    }

    private Seen open(KvBackend handle, int number, long end) throws InterruptedException {
        KvException failure;
        do {
            try {
                Lease lease = Futures.await(handle.grantLease(TTL));
                long revision = Futures.await(handle.put(directory.key("leased" + number), Bytes.EMPTY, lease))
                        .revision();
                Seen one = new Seen(handle, number, lease);
                one.watches.add(handle.watch(directory, WatchStart.snapshot(), one));
                one.watches.add(handle.watch(directory, WatchStart.after(revision), one.history));
                long last = Futures.await(handle.put(directory.key("last" + number), Bytes.EMPTY))
                        .revision();
                while ((one.cut.revision() < last || one.history.revision < last) && System.nanoTime() - end < 0) {
                    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                }
                if (one.cut.revision() < last || one.history.revision < last) {
                    throw new IllegalStateException(
                            "A watch does not show what was written, although all has healed: it ended by "
                                    + (one.ended ? one.cause : one.history.cause));
                }
                return one;
            } catch (KvException e) {
                failure = e;
            }
        } while (System.nanoTime() - end < 0);
        throw new IllegalStateException("The store does not serve although all has healed.", failure);
    }

    @Override
    public Optional<String> difference(int round, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> difference = difference();
        while (difference.isPresent() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            difference = difference();
        }
        return difference;
    }

    private Optional<String> difference() throws InterruptedException {
        for (Seen one : seen) {
            try {
                Optional<String> difference = difference(one);
                if (difference.isPresent()) {
                    return difference.map(what -> what + ", handle " + one.number);
                }
            } catch (KvException | TimeoutException e) {
                return Optional.of("handle " + one.number + " was not answered: " + e);
            }
        }
        return Optional.empty();
    }

    private Optional<String> difference(Seen one) throws InterruptedException, TimeoutException {
        if (!one.lease.ended().toCompletableFuture().isDone()) {
            return Optional.of("a lease from before has not ended");
        }
        if (!(one.history.cause instanceof HistoryUnavailableException)) {
            return Optional.of("a watch after a revision from before has not ended as one does without history, but "
                    + (one.history.cause == null ? "goes on" : "by " + one.history.cause));
        }
        if (one.ended) {
            return Optional.of("a watch from a snapshot has ended by " + one.cause);
        }
        if (!one.rewound) {
            return Optional.of("a watch from a snapshot was not told");
        }
        Key fresh = directory.key("new" + one.number);
        Futures.await(one.handle.put(fresh, Bytes.EMPTY));
        if (!Futures.await(one.handle.get(fresh, ReadConsistency.SEQUENTIAL)).isPresent()) {
            return Optional.of("an acknowledged write is not read by its own handle");
        }
        Snapshot listed = Futures.await(one.handle.list(directory));
        List<Key> there = listed.entries().stream().map(KeyValue::key).toList();
        List<Key> shown = List.copyOf(one.cut.entries().keySet());
        if (!shown.equals(there)) {
            return Optional.of("a watch shows " + shown + ", and the store has " + there);
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        for (Seen one : seen) {
            one.watches.forEach(Watch::close);
        }
    }

    /** What one handle is told: by the watch from a snapshot, and by the one after a revision. */
    private static final class Seen implements WatchListener {
        private final KvBackend handle;
        private final int number;
        private final Lease lease;
        private final List<Watch> watches = new ArrayList<>();
        private final History history = new History();
        private volatile Cut cut = Cut.empty(0);
        private volatile boolean rewound;
        private volatile boolean ended;
        private volatile @Nullable KvException cause;

        Seen(KvBackend handle, int number, Lease lease) {
            this.handle = handle;
            this.number = number;
            this.lease = lease;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            cut = cut.after(signal);
        }

        @Override
        public void onRewound() {
            rewound = true;
            cut = Cut.empty(0);
        }

        @Override
        public void onEnd(@Nullable KvException failure) {
            cause = failure;
            ended = true;
        }
    }

    private static final class History implements WatchListener {
        private volatile long revision;
        private volatile @Nullable KvException cause;

        @Override
        public void onSignal(WatchSignal signal) {
            revision = signal.revision();
        }

        @Override
        public void onEnd(@Nullable KvException failure) {
            cause = failure;
        }
    }
}
