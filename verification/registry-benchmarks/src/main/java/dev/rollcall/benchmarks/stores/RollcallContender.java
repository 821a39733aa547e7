package dev.rollcall.benchmarks.stores;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** A handle of ours, opened by URL. */
final class RollcallContender implements Contender {
    private static final Directory DIRECTORY = Directory.of("/entries");
    private static final int FILLING = 1024;

    private final String name;
    private final KvBackend backend;
    private final AtomicLong written = new AtomicLong();
    private final Set<Integer> lists = new HashSet<>();
    private Key[] keys = {};
    private AtomicLongArray revisions = new AtomicLongArray(0);

    RollcallContender(String name, String url) {
        this.name = name;
        this.backend = KvBackends.open(url);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void fill(int count, byte[] value) throws Exception {
        if (keys.length == count) {
            return;
        }
        keys = new Key[count];
        revisions = new AtomicLongArray(count);
        Bytes bytes = Bytes.copyOf(value);
        BenchmarkLoad.run(count, FILLING, i -> {
            keys[i] = DIRECTORY.key(KeyNames.of(i));
            return committed(i, backend.put(keys[i], bytes));
        });
    }

    private CompletableFuture<Commit> committed(int key, CompletableFuture<Commit> commit) {
        return commit.thenApply(done -> {
            revisions.set(key, done.revision());
            written.accumulateAndGet(done.revision(), Math::max);
            return done;
        });
    }

    @Override
    public CompletableFuture<?> get(int key) {
        return backend.get(keys[key]);
    }

    @Override
    public CompletableFuture<?> put(int key, byte[] value) {
        return committed(key, backend.put(keys[key], Bytes.copyOf(value)));
    }

    @Override
    public CompletableFuture<?> compareAndSet(int key, byte[] value) {
        return committed(key, backend.update(keys[key], Bytes.copyOf(value), revisions.get(key)));
    }

    @Override
    public void fillList(int size, byte[] value) throws Exception {
        if (lists.add(size)) {
            Directory directory = listed(size);
            Bytes bytes = Bytes.copyOf(value);
            BenchmarkLoad.run(size, FILLING, i -> backend.put(directory.key(KeyNames.of(i)), bytes));
        }
    }

    private static Directory listed(int size) {
        return Directory.of("/list-" + size);
    }

    @Override
    public int list(int size) throws Exception {
        return Futures.await(backend.list(listed(size))).entries().size();
    }

    @Override
    public Observation observe() throws Exception {
        BenchmarkProgress progress = new BenchmarkProgress();
        Watch watch = backend.watch(DIRECTORY, WatchStart.snapshot(), new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                progress.reached(signal.revision());
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                // Whoever waits for what has not come runs into its limit.
            }
        });
        progress.await(1);
        return new Observation() {
            @Override
            public void awaitAll() throws Exception {
                progress.await(written.get());
            }

            @Override
            public void close() {
                watch.close();
            }
        };
    }

    @Override
    public DirectoryWatches watches() {
        return new RollcallWatches(backend);
    }

    /** Leases of the same handle. */
    ContenderLeases leases() {
        return new RollcallLeases(backend);
    }

    @Override
    public void close() {
        backend.close();
    }
}
