package dev.rollcall.benchmarks;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
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

/** From a write to the last of the watches that it concerns having seen it, beside 10,000 watches that it does not concern. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class WatchFanOutBenchmark {
    private static final AtomicLong STORES = new AtomicLong();
    private static final int OTHERS = 10_000;

    /** How many watches the write concerns. */
    @Param({"1", "100"})
    public int watches;

    private final AtomicInteger unseen = new AtomicInteger();
    private KvBackend backend;
    private Key key;
    private Bytes value;
    private volatile Thread waiter = Thread.currentThread();

    @Setup
    public void watch() {
        backend = KvBackends.open("inmemory:fan-out-" + STORES.incrementAndGet());
        key = Key.of("/watched/key");
        value = Bytes.copyOf(new byte[150]);
        waiter = Thread.currentThread();
        unseen.set(watches + OTHERS);
        for (int i = 0; i < OTHERS; i++) {
            backend.watch(Directory.of("/other/" + i), WatchStart.snapshot(), new Seen());
        }
        for (int i = 0; i < watches; i++) {
            backend.watch(key.parent(), WatchStart.snapshot(), new Seen());
        }
        awaitAll();
    }

    @TearDown
    public void close() {
        backend.close();
    }

    @Benchmark
    public void putUntilSeen() {
        waiter = Thread.currentThread();
        unseen.set(watches);
        backend.put(key, value).join();
        awaitAll();
    }

    private void awaitAll() {
        while (unseen.get() > 0) {
            LockSupport.parkNanos(100_000);
        }
    }

    private final class Seen implements WatchListener {
        @Override
        public void onSignal(WatchSignal signal) {
            if (unseen.decrementAndGet() == 0) {
                LockSupport.unpark(waiter);
            }
        }

        @Override
        public void onEnd(@Nullable KvException cause) {}
    }
}
