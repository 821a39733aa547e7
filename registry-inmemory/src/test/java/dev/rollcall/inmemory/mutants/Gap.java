package dev.rollcall.inmemory.mutants;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a read in two halves lets a write come between: some writes of a busy store wait until a read is there. So the fault shows on every
 * run of a test that reads while it writes, whoever is quicker. Shared by the handles of one store.
 */
final class Gap {
    /** Tests that do not read and write at once make fewer writes, and need not wait. */
    private static final int FIRST = 100;

    private static final int EACH = 10;
    private static final long MILLIS = 2000;

    private record Held(Key key, CountDownLatch between, CountDownLatch done) {}

    /** Once the wait of a write has timed out, no other write waits: there is no reader, or no longer one. */
    private volatile boolean deserted;

    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicReference<@Nullable Held> waiting = new AtomicReference<>();

    /** Makes a write, perhaps when a read is in the gap. */
    CompletableFuture<Commit> write(Txn txn, Supplier<CompletableFuture<Commit>> write) {
        int count = writes.incrementAndGet();
        if (deserted || count < FIRST || count % EACH != 0 || txn.writes().isEmpty()) {
            return write.get();
        }
        Held held = new Held(txn.writes().get(0).key(), new CountDownLatch(1), new CountDownLatch(1));
        if (!waiting.compareAndSet(null, held)) {
            return write.get();
        }
        deserted = !await(held.between());
        waiting.compareAndSet(held, null);
        CompletableFuture<Commit> written = write.get();
        written.whenComplete((commit, failure) -> held.done().countDown());
        return written;
    }

    /** Called by a read between its halves: lets a waiting write be made now, and returns its first key; null if none waits. */
    @Nullable
    Key letWrite() {
        Held held = waiting.getAndSet(null);
        if (held == null) {
            return null;
        }
        held.between().countDown();
        await(held.done());
        return held.key();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
