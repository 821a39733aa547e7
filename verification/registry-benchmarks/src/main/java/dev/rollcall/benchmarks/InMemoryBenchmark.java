package dev.rollcall.benchmarks;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Snapshot;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The in-memory store: one thread, 150-byte values, {@link #keys} keys in directories of 10,000. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class InMemoryBenchmark {
    private static final AtomicLong STORES = new AtomicLong();
    private static final Directory ROOT = Directory.of("/bench");
    private static final int DIRECTORY_SIZE = 10_000;

    /** How many keys the store holds. */
    @Param({"1000", "10000", "100000", "1000000"})
    public int keys;

    private KvBackend backend;
    private Key[] all;
    private Bytes value;
    private int next;

    @Setup
    public void fill() {
        backend = KvBackends.open("inmemory:benchmark-" + STORES.incrementAndGet());
        value = Bytes.copyOf(new byte[150]);
        all = new Key[keys];
        for (int i = 0; i < keys; i++) {
            all[i] = Key.of("/bench/d" + i / DIRECTORY_SIZE + "/k" + i);
            backend.put(all[i], value).join();
        }
    }

    @TearDown
    public void close() {
        backend.close();
    }

    @Benchmark
    public GetResult get() {
        return backend.get(nextKey()).join();
    }

    /** The entries of the store in the JDK's sorted map for many threads. */
    @State(Scope.Benchmark)
    public static class PlainMap {
        private final Map<String, KeyValue> entries = new ConcurrentSkipListMap<>();

        @Setup
        public void fill(InMemoryBenchmark benchmark) {
            for (KeyValue entry : benchmark.backend.list(ROOT).join().entries()) {
                entries.put(entry.key().path(), entry);
            }
        }
    }

    /** The yardstick of {@link #get}: what the processor's caches give for so many keys. */
    @Benchmark
    public @Nullable KeyValue skipListMap(PlainMap map) {
        return map.entries.get(nextKey().path());
    }

    @Benchmark
    public Commit put() {
        return backend.put(nextKey(), value).join();
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public Snapshot listAll() {
        return backend.list(ROOT).join();
    }

    /** Strides through the keys so that neighbours in time are not neighbours in the tree. */
    private Key nextKey() {
        next = (next + 7919) % keys;
        return all[next];
    }
}
