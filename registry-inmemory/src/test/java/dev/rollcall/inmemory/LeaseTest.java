package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.LeaseLostException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private static final Key A = Key.of("/d/a");
    private static final Key B = Key.of("/d/b");
    private static final Bytes X = Bytes.ofUtf8("x");
    private static final Duration TTL = Duration.ofSeconds(10);
    private static final Duration MARGIN = Duration.ofSeconds(1);
    private static final Duration TICK = Duration.ofMillis(1);

    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();
    private final InMemoryBackend holder = store.open();
    private final InMemoryBackend other = store.open();

    @AfterEach
    void close() {
        holder.close();
        other.close();
    }

    private static LeaseEnd end(Lease lease) throws Exception {
        return lease.ended().toCompletableFuture().get(90, TimeUnit.SECONDS);
    }

    private boolean present(Key key) throws InterruptedException {
        return await(other.get(key)).isPresent();
    }

    @Test
    void leaseOfAConnectedHandleNeverExpires() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        time.advance(TTL.multipliedBy(1000));
        assertThat(lease.isHeld()).isTrue();
        assertThat(present(A)).isTrue();
    }

    /** The thread that asks stands still between its looks at the clock and at the lease, for longer than the lease would last. */
    @Test
    void leaseThatIsRenewedWhileSomebodyAsksIsHeld() throws Exception {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        TimeSource slow = new TimeSource() {
            @Override
            public long nanoTime() {
                meanwhile.getAndSet(() -> {}).run();
                return time.nanoTime();
            }

            @Override
            public Instant instant() {
                return time.instant();
            }

            @Override
            public Subscription schedule(Duration delay, Runnable task) {
                return time.schedule(delay, task);
            }
        };
        try (InMemoryBackend renewed =
                InMemoryStore.builder().time(slow).build().open()) {
            Lease lease = await(renewed.grantLease(TTL));
            renewed.faults().disconnect();
            meanwhile.set(() -> {
                renewed.faults().reconnect();
                time.advance(TTL);
            });
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void ttlIsBroughtWithinTheLimitsAndReported() throws Exception {
        assertThat(await(holder.grantLease(Duration.ofNanos(1))).ttl()).isEqualTo(Duration.ofMillis(10));
        assertThat(await(holder.grantLease(Duration.ofDays(9))).ttl()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void holderGivesALeaseUpBeforeTheStoreLetsItsEntriesGo() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        holder.faults().disconnect();
        time.advance(TTL.minus(MARGIN).minus(TICK));
        assertThat(lease.isHeld()).isTrue();
        time.advance(TICK);
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(present(A)).isTrue();
        time.advance(MARGIN.minus(TICK));
        assertThat(present(A)).isTrue();
        time.advance(TICK);
        assertThat(present(A)).isFalse();
    }

    @Test
    void allEntriesOfALeaseGoInOneRevision() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        await(holder.put(B, X, lease));
        Recorder recorder = new Recorder();
        other.watch(Directory.of("/d"), WatchStart.history(2), recorder);
        holder.faults().expire(lease);
        recorder.awaitRevision(3);
        assertThat(store.revision()).isEqualTo(3);
        assertThat(recorder.signals()).hasSize(1);
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
    }

    @Test
    void reconnectInTimeSavesALease() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        for (int i = 0; i < 5; i++) {
            holder.faults().disconnect();
            time.advance(TTL.minus(MARGIN).minus(TICK));
            holder.faults().reconnect();
        }
        time.advance(TTL.multipliedBy(2));
        assertThat(lease.isHeld()).isTrue();
        assertThat(present(A)).isTrue();
        assertThat(time.scheduled()).isZero();
    }

    @Test
    void lostLeaseStaysLostAndIsRevokedOnReconnect() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        holder.faults().disconnect();
        time.advance(TTL.minus(MARGIN));
        holder.faults().reconnect();
        assertThat(lease.isHeld()).isFalse();
        assertThat(present(A)).isFalse();
        assertThatThrownBy(() -> await(holder.put(A, X, lease)))
                .isInstanceOfSatisfying(
                        LeaseLostException.class, e -> assertThat(e.leaseId()).isEqualTo(lease.id()));
        assertThat(await(lease.revoke())).isNull();
    }

    @Test
    void revocationIsOneRevisionAndIsConfirmed() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        await(holder.put(B, X, lease));
        await(lease.revoke());
        assertThat(lease.isHeld()).isFalse();
        assertThat(store.revision()).isEqualTo(3);
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
        await(lease.revoke());
        lease.close();
        assertThat(store.revision()).isEqualTo(3);
    }

    @Test
    void revocationThatCannotBeSentLeavesTheEntriesToTheTtl() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        holder.faults().disconnect();
        var revocation = lease.revoke();
        assertThat(lease.isHeld()).isFalse();
        time.advance(InMemoryStore.DEFAULT_TIMEOUT);
        assertThatThrownBy(() -> await(revocation))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
        assertThat(present(A)).isTrue();
        time.advance(TTL);
        assertThat(present(A)).isFalse();
    }

    @Test
    void putWithoutLeaseKeepsTheLeaseAndPutWithLeaseMovesIt() throws Exception {
        Lease first = await(holder.grantLease(TTL));
        Lease second = await(holder.grantLease(TTL));
        await(holder.put(A, X, first));
        await(other.put(A, Bytes.EMPTY));
        assertThat(await(other.get(A)).entry()).contains(new KeyValue(A, Bytes.EMPTY, 2, true));
        await(holder.put(B, X, first));
        await(holder.put(B, X, second));
        holder.faults().expire(first);
        assertThat(present(A)).isFalse();
        assertThat(present(B)).isTrue();
    }

    @Test
    void leaseSparesAnEntryThatWasCreatedAgain() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        await(other.delete(A));
        await(other.create(A, X));
        await(lease.revoke());
        assertThat(await(other.get(A)).entry()).contains(new KeyValue(A, X, 3, false));
    }

    @Test
    void closeOfTheHandleEndsItsLeases() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        holder.close();
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
        assertThat(present(A)).isFalse();
    }

    @Test
    void closeWhileCutLeavesTheEntriesToTheTtl() throws Exception {
        Lease lease = await(holder.grantLease(TTL));
        await(holder.put(A, X, lease));
        holder.faults().disconnect();
        holder.close();
        assertThat(lease.isHeld()).isFalse();
        assertThat(present(A)).isTrue();
        time.advance(TTL);
        assertThat(present(A)).isFalse();
    }
}
