package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Until when a lease is held, and renewed, where the replies of its store are late or tell another ttl. */
class RenewedTermTest {
    private static final Duration TTL = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final ManualClock clock = new ManualClock();
    private final HandleThreads threads = HandleThreads.open("renewed-term-test", clock);
    private final PendingCalls calls = new PendingCalls(Duration.ofSeconds(5), clock, threads.callbacks());
    private final RenewedLeases leases = new RenewedLeases("test", threads, calls);
    private final NotedRequests store = new NotedRequests(TTL);

    @AfterEach
    void closeThreads() {
        threads.close();
    }

    private RenewedLease granted(Duration ttl, long sentAt) {
        PendingCall<Lease> call = calls.begin(new Context("test", "grantLease", null), true);
        leases.granted(call, "a1", ttl, sentAt, store);
        return leases.own(result(call.future()));
    }

    private static <T> T result(CompletableFuture<T> future) {
        return future.orTimeout(1, TimeUnit.MINUTES).join();
    }

    @Test
    void grantThatWasAnsweredLateIsRenewedAllTheSooner() {
        long sentAt = clock.nanoTime();
        clock.advance(Duration.ofMillis(1_800));
        RenewedLease lease = granted(SHORT, sentAt);
        clock.advance(MOMENT);
        assertThat(store.renewals).hasSize(1);
        store.renewals.get(0).complete(SHORT);
        clock.advance(LeaseTerm.lessMargin(SHORT).minusMillis(1));
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void shorterTtlOfARenewalCountsAtOnce() {
        RenewedLease lease = granted(TTL, clock.nanoTime());
        clock.advance(TTL.dividedBy(3));
        store.renewals.get(0).complete(SHORT);
        clock.advance(SHORT.dividedBy(3));
        assertThat(store.renewals).as("renewed by the shorter ttl").hasSize(2);
        clock.advance(LeaseTerm.lessMargin(SHORT).minus(SHORT.dividedBy(3)).minus(MOMENT));
        assertThat(lease.isHeld()).isTrue();
        clock.advance(MOMENT);
        assertThat(lease.isHeld()).isFalse();
        assertThat(result(lease.ended().toCompletableFuture())).isEqualTo(LeaseEnd.LOST);
    }

    @Test
    void longerTtlOfAnEarlierRenewalDoesNotUndoAShorterOne() {
        RenewedLease lease = granted(TTL, clock.nanoTime());
        clock.advance(TTL.dividedBy(3));
        clock.advance(TTL.dividedBy(3));
        assertThat(store.renewals).hasSize(2);
        store.renewals.get(1).complete(SHORT);
        store.renewals.get(0).complete(TTL);
        clock.advance(LeaseTerm.lessMargin(SHORT));
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void revocationOfALeaseThatTheStoreDoesNotKnowAnyMoreIsConfirmed() {
        RenewedLease lease = granted(TTL, clock.nanoTime());
        clock.advance(TTL.dividedBy(3));
        store.renewals.get(0).complete(Duration.ZERO);
        assertThat(lease.revoke()).succeedsWithin(Duration.ofMinutes(1));
        assertThat(store.revocations).isEmpty();
    }
}
