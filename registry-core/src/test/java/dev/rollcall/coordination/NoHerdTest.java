package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What it costs the store that many wait. */
class NoHerdTest extends CoordinationFixture {
    private static final int WAITERS = 100;

    private static final class Counting extends ForwardingBackend {
        final AtomicInteger reads = new AtomicInteger();
        final AtomicInteger commits = new AtomicInteger();
        final AtomicInteger watches = new AtomicInteger();
        final AtomicInteger grants = new AtomicInteger();

        Counting(KvBackend real) {
            super(real);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            reads.incrementAndGet();
            return super.get(key, consistency);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            reads.incrementAndGet();
            return super.list(directory, consistency);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            commits.incrementAndGet();
            return super.commit(txn);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            watches.incrementAndGet();
            return super.watch(directory, start, listener);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            grants.incrementAndGet();
            return super.grantLease(ttl);
        }
    }

    private void drain(List<CompletableFuture<LockHold>> turns) {
        for (CompletableFuture<LockHold> turn : turns) {
            held(turn).close();
        }
    }

    @Test
    void waitersOfOneProcessShareOneWatchAndWriteOnce() {
        Counting handle = new Counting(store.open());
        DistributedLock lock = lock(handle);
        List<CompletableFuture<LockHold>> turns = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            turns.add(lock.acquire());
        }
        drain(turns);
        assertThat(handle.watches).hasValue(1);
        assertThat(handle.commits).hasValue(WAITERS);
        assertThat(handle.grants).hasValue(WAITERS);
        assertThat(handle.reads).hasValue(0);
    }

    @Test
    void waiterInAProcessOfItsOwnWatchesOnceAndWritesOnceHoweverManyTurnsPass() {
        List<Counting> handles = new ArrayList<>();
        List<CompletableFuture<LockHold>> turns = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            Counting handle = new Counting(store.open());
            handles.add(handle);
            turns.add(lock(handle).acquire());
        }
        eventuallyQueued(WAITERS);
        turns.forEach(turn -> turn.thenAccept(LockHold::close));
        eventuallyQueued(0);
        assertThat(handles).allSatisfy(handle -> {
            assertThat(handle.watches).hasValue(1);
            assertThat(handle.commits).hasValue(1);
            assertThat(handle.grants).hasValue(1);
            assertThat(handle.reads).hasValue(0);
        });
    }
}
