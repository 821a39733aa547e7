package dev.rollcall.benchmarks.stores;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Watches of ours. */
final class RollcallWatches implements DirectoryWatches {
    private final KvBackend backend;
    private final List<Watch> watches = new ArrayList<>();
    private int count;

    RollcallWatches(KvBackend backend) {
        this.backend = backend;
    }

    @Override
    public void prepare(int directories, byte[] value) throws Exception {
        count = directories;
        BenchmarkLoad.run(count, 256, i -> write(i, value));
    }

    private static Directory directory(int number) {
        return Directory.of("/watched/" + KeyNames.of(number));
    }

    @Override
    public void open(IntConsumer opened, IntConsumer seen) {
        for (int i = 0; i < count; i++) {
            int number = i;
            watches.add(backend.watch(directory(i), WatchStart.snapshot(), new WatchListener() {
                @Override
                public void onSignal(WatchSignal signal) {
                    (signal instanceof Snapshot ? opened : seen).accept(number);
                }

                @Override
                public void onEnd(@Nullable KvException cause) {
                    // Whoever waits for what has not come runs into its limit.
                }
            }));
        }
    }

    @Override
    public CompletableFuture<?> write(int directory, byte[] value) {
        return backend.put(directory(directory).key("key"), Bytes.copyOf(value));
    }

    @Override
    public void close() {
        watches.forEach(Watch::close);
        watches.clear();
    }
}
