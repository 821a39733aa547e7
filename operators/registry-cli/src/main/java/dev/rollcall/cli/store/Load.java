package dev.rollcall.cli.store;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A small load on a directory, measured. Confined to one thread. */
final class Load {
    private static final int KEYS = Limits.MAX_TXN_WRITES;
    private static final int MOST = 5_000;
    private static final int MOST_TRANSACTIONS = 100;
    private static final Bytes VALUE = Bytes.ofUtf8("x".repeat(100));

    private final KvBackend backend;
    private final Directory directory;
    private final Lease lease;
    private final long nanos;

    Load(KvBackend backend, Directory directory, Lease lease, Duration time) {
        this.backend = backend;
        this.directory = directory;
        this.lease = lease;
        this.nanos = time.toNanos();
    }

    /**
     * What was measured.
     *
     * @param sorted how long each took, in nanoseconds, the shortest first
     * @param total how long all took
     */
    record Result(String name, long[] sorted, long total) {
        int count() {
            return sorted.length;
        }

        double perSecond() {
            return sorted.length * 1e9 / Math.max(1, total);
        }

        /** What so many percent took at most, in microseconds. */
        long micros(int percent) {
            if (sorted.length == 0) {
                return 0;
            }
            int index = (int) Math.ceil(sorted.length * percent / 100.0) - 1;
            return sorted[Math.max(0, index)] / 1000;
        }
    }

    Result writes(String name, int parallel) throws InterruptedException {
        return measure(name, parallel, i -> backend.put(key(i), VALUE, lease));
    }

    Result reads(String name, int parallel) throws InterruptedException {
        return measure(name, parallel, i -> backend.get(key(i)));
    }

    /** All keys in each, one transaction at a time. */
    Result transactions(String name) throws InterruptedException {
        return measure(name, 1, MOST_TRANSACTIONS, i -> {
            Txn.Builder txn = Txn.builder();
            for (int key = 0; key < KEYS; key++) {
                txn.put(key(key), VALUE, lease);
            }
            return backend.commit(txn.build());
        });
    }

    private Key key(int i) {
        return directory.key("k" + i % KEYS);
    }

    private record InFlight(CompletableFuture<Long> done) {}

    private Result measure(String name, int parallel, IntFunction<CompletableFuture<?>> operation)
            throws InterruptedException {
        return measure(name, parallel, MOST, operation);
    }

    private Result measure(String name, int parallel, int most, IntFunction<CompletableFuture<?>> operation)
            throws InterruptedException {
        long[] took = new long[most];
        int count = 0;
        long start = System.nanoTime();
        Deque<InFlight> flying = new ArrayDeque<>();
        for (int i = 0; i < most && (i == 0 || System.nanoTime() - start < nanos); i++) {
            long begun = System.nanoTime();
            flying.add(new InFlight(Futures.map(operation.apply(i), done -> System.nanoTime() - begun)));
            if (flying.size() == parallel) {
                took[count++] = Futures.await(flying.remove().done());
            }
        }
        while (!flying.isEmpty()) {
            took[count++] = Futures.await(flying.remove().done());
        }
        long total = System.nanoTime() - start;
        long[] sorted = Arrays.copyOf(took, count);
        Arrays.sort(sorted);
        return new Result(name, sorted, total);
    }

    /** From the call of a write until a watch has told of it. */
    Result watched(String name) throws InterruptedException {
        Sightings sightings = new Sightings();
        try (Watch watch = backend.watch(directory, WatchStart.snapshot(), sightings)) {
            Futures.await(sightings.begun);
            return measure(name, 1, i -> {
                // With what it has seen before it answers at once.
                CompletableFuture<Long> seen = sightings.next(key(i));
                return backend.put(key(i), VALUE, lease).thenCompose(commit -> seen);
            });
        }
    }

    /** Tells when a key's next change is seen. One key is waited for at a time. */
    /* Concurrency: guarded by this. */
    private static final class Sightings implements WatchListener {
        private final CompletableFuture<Void> begun = new CompletableFuture<>();
        private @Nullable Key awaited;
        private CompletableFuture<Long> next = new CompletableFuture<>();

        synchronized CompletableFuture<Long> next(Key key) {
            awaited = key;
            next = new CompletableFuture<>();
            return next;
        }

        @Override
        public void onSignal(WatchSignal signal) {
            begun.complete(null);
            Key wanted;
            CompletableFuture<Long> seen;
            synchronized (this) {
                wanted = awaited;
                seen = next;
            }
            if (wanted != null
                    && signal instanceof Changes changes
                    && changes.changes().stream()
                            .anyMatch(change -> change.key().equals(wanted))) {
                seen.complete(signal.revision());
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            begun.complete(null);
            CompletableFuture<Long> unseen;
            synchronized (this) {
                unseen = next;
            }
            if (cause != null) {
                unseen.completeExceptionally(cause);
            }
        }
    }
}
