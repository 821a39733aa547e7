package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RenewedLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(9);
    private static final Duration THIRD = Duration.ofSeconds(3);
    private static final Duration HELD = LeaseTerm.lessMargin(TTL);
    private static final Duration MOMENT = Duration.ofNanos(1);
    /** Any pause between two attempts is shorter. */
    private static final Duration PAUSE = Duration.ofMillis(1_100);

    private static final Context REVOKE = new Context("test", "revokeLease", null);

    private final ManualClock clock = new ManualClock();
    private final HandleThreads threads = HandleThreads.open("renewed-lease-test", clock);
    private final PendingCalls calls = new PendingCalls(Duration.ofSeconds(5), clock, threads.callbacks());
    private final RenewedLeases leases = new RenewedLeases("test", threads, calls);
    private final NotedRequests store = new NotedRequests(TTL);

    @AfterEach
    void closeThreads() {
        threads.close();
    }

    private PendingCall<Lease> asked() {
        return calls.begin(new Context("test", "grantLease", null), true);
    }

    private RenewedLease granted() {
        PendingCall<Lease> call = asked();
        leases.granted(call, "a1", TTL, clock.nanoTime(), store);
        return leases.own(result(call.future()));
    }

    private static <T> T result(CompletableFuture<T> future) {
        return future.orTimeout(1, TimeUnit.MINUTES).join();
    }

    private static LeaseEnd end(Lease lease) {
        return result(lease.ended().toCompletableFuture());
    }

    /** What it failed with, as a continuation sees it: not wrapped in anything. */
    private static Throwable failure(CompletableFuture<?> future) {
        return result(future.handle((done, failure) -> failure));
    }

    @Test
    void isRenewedAtEveryThirdOfItsTtl() {
        RenewedLease lease = granted();
        for (int i = 0; i < 50; i++) {
            clock.advance(THIRD.minus(MOMENT));
            assertThat(store.renewals).hasSize(i);
            clock.advance(MOMENT);
            assertThat(store.renewals).hasSize(i + 1);
            store.renewed(i);
        }
        assertThat(lease.isHeld()).isTrue();
        assertThat(lease.ended().toCompletableFuture()).isNotDone();
        assertThat(store.revocations).isEmpty();
    }

    @Test
    void renewalWithoutAReplyDelaysNoneAfterIt() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        clock.advance(THIRD);
        assertThat(store.renewals).hasSize(2);
        store.renewed(1);
        clock.advance(HELD.minus(MOMENT));
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void replyThatComesLateCountsFromWhenItsRequestLeft() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        clock.advance(Duration.ofSeconds(2));
        store.renewed(0);
        clock.advance(HELD.minusSeconds(2).minus(MOMENT));
        assertThat(lease.isHeld()).isTrue();
        clock.advance(MOMENT);
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
    }

    @Test
    void renewalThatFailsIsTriedAgainSoon() {
        granted();
        clock.advance(THIRD);
        for (int i = 0; i < 3; i++) {
            assertThat(store.renewals).hasSize(i + 1);
            store.renewals.get(i).completeExceptionally(new IllegalStateException("no connection"));
            clock.advance(MOMENT);
            assertThat(store.renewals)
                    .as("not at once, which has no end where all fail at once")
                    .hasSize(i + 1);
            clock.advance(Duration.ofMillis(55L << i));
        }
        assertThat(store.renewals).hasSize(4);
    }

    @Test
    void requestThatThrowsIsOneThatFails() {
        List<String> asked = new ArrayList<>();
        PendingCall<Lease> call = asked();
        leases.granted(call, "a1", TTL, clock.nanoTime(), new RenewedLease.Requests() {
            @Override
            public CompletionStage<Duration> renew() {
                asked.add("renew");
                throw new IllegalStateException("a fault");
            }

            @Override
            public CompletionStage<Void> revoke() {
                asked.add("revoke");
                throw new IllegalStateException("a fault");
            }
        });
        Lease lease = result(call.future());
        clock.advance(THIRD);
        clock.advance(PAUSE);
        assertThat(asked).containsExactly("renew", "renew");
        lease.close();
        clock.advance(PAUSE);
        assertThat(asked).containsExactly("renew", "renew", "revoke", "revoke");
    }

    @Test
    void isLostWhenItsTermIsOverAndEndedInTheStore() {
        RenewedLease lease = granted();
        for (int i = 0; i < 2; i++) {
            clock.advance(THIRD);
        }
        clock.advance(HELD.minus(THIRD.multipliedBy(2)).minus(MOMENT));
        assertThat(lease.isHeld()).isTrue();
        assertThat(store.revocations).isEmpty();
        clock.advance(MOMENT);
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(store.revocations)
                .as("since a late renewal may have kept it")
                .hasSize(1);

        store.renewed(1);
        assertThat(lease.isHeld()).as("isHeld() after a late reply").isFalse();
        assertThat(lease.revoke()).isCompleted();
        store.confirm(0);
        assertThat(leases.size()).isZero();
        clock.advance(TTL.multipliedBy(3));
        assertThat(store.renewals).hasSize(2);
        assertThat(store.revocations).hasSize(1);
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
    }

    @Test
    void isLostWhenTheStoreDoesNotKnowIt() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        store.renewals.get(0).complete(Duration.ZERO);
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(store.revocations).as("there is nothing left to end").isEmpty();
        assertThat(lease.revoke()).isCompleted();
        assertThat(leases.size()).isZero();
        calls.close();
        assertThat(clock.scheduled()).as("timers that are left").isZero();
    }

    @Test
    void isRenewedMoreOftenIfLessIsGranted() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        store.renewals.get(0).complete(THIRD);
        clock.advance(Duration.ofSeconds(1));
        assertThat(store.renewals).hasSize(2);
        store.renewals.get(1).complete(THIRD);
        clock.advance(Duration.ofSeconds(1));
        assertThat(store.renewals).hasSize(3);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void isRenewedAtOnceWhenThereIsAConnectionAgain() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        leases.reconnected();
        assertThat(store.renewals).hasSize(2);
        clock.advance(THIRD.minus(MOMENT));
        assertThat(store.renewals).as("counted from then").hasSize(2);

        lease.close();
        assertThat(store.revocations).hasSize(1);
        leases.reconnected();
        assertThat(store.revocations).hasSize(2);
    }

    @Test
    void revocationIsToldWhenTheStoreHasConfirmedIt() {
        RenewedLease lease = granted();
        CompletableFuture<Void> first = lease.revoke();
        CompletableFuture<Void> second = lease.revoke();
        lease.close();
        assertThat(lease.isHeld()).isFalse();
        assertThat(store.revocations).hasSize(1);
        assertThat(first).isNotDone();
        assertThat(lease.ended().toCompletableFuture()).isNotDone();

        store.confirm(0);

        result(first);
        result(second);
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
        assertThat(lease.revoke()).isCompleted();
        assertThat(leases.size()).isZero();
        clock.advance(Duration.ofSeconds(5));
        assertThat(clock.scheduled()).as("timers that are left").isZero();
        assertThat(store.renewals).isEmpty();
    }

    @Test
    void futureThatOneCallerCompletesIsNotThatOfAnother() {
        RenewedLease lease = granted();
        CompletableFuture<Void> first = lease.revoke();
        CompletableFuture<Void> second = lease.revoke();
        first.cancel(false);
        store.confirm(0);
        result(second);
    }

    @Test
    void revocationIsTriedUntilTheStoreHasConfirmedIt() {
        RenewedLease lease = granted();
        CompletableFuture<Void> asked = lease.revoke();
        store.revocations.get(0).completeExceptionally(unavailable(Outcome.NOT_APPLIED));
        clock.advance(PAUSE);
        assertThat(store.revocations).hasSize(2);
        clock.advance(PAUSE);
        assertThat(store.revocations)
                .as("one without a reply delays none after it")
                .hasSize(3);
        store.confirm(1);
        result(asked);
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
        clock.advance(PAUSE);
        assertThat(store.revocations).hasSize(3);
    }

    private static KvException unavailable(Outcome outcome) {
        return new UnavailableException(REVOKE, outcome, "no connection", null);
    }

    @Test
    void revocationThatNeverLeftFailsAsNotApplied() {
        PendingCall<Lease> call = asked();
        leases.granted(call, "a1", TTL, clock.nanoTime(), new RenewedLease.Requests() {
            @Override
            public CompletionStage<Duration> renew() {
                return store.renew();
            }

            @Override
            public CompletionStage<Void> revoke() {
                return CompletableFuture.failedFuture(unavailable(Outcome.NOT_APPLIED));
            }
        });
        CompletableFuture<Void> asked = result(call.future()).revoke();
        clock.advance(Duration.ofSeconds(4));
        assertThat(asked).isNotDone();
        clock.advance(Duration.ofSeconds(1));
        assertThat(failure(asked))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED))
                .hasMessageContaining("no connection");
    }

    @Test
    void revocationWithoutAReplyFailsAsUnknownAndStillCounts() {
        RenewedLease lease = granted();
        CompletableFuture<Void> asked = lease.revoke();
        store.revocations.get(0).completeExceptionally(unavailable(Outcome.UNKNOWN));
        clock.advance(Duration.ofSeconds(1));
        store.revocations.get(1).completeExceptionally(unavailable(Outcome.NOT_APPLIED));
        clock.advance(Duration.ofSeconds(4));
        assertThat(failure(asked))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN));
        CompletableFuture<Void> again = lease.revoke();
        assertThat(again).isNotDone();
        store.confirm(store.revocations.size() - 1);
        result(again);
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
    }

    @Test
    void refusalIsToldAtOnceAndTheLeaseGoesByItsTtl() {
        RenewedLease lease = granted();
        CompletableFuture<Void> asked = lease.revoke();
        KvException refused = new AccessDeniedException(REVOKE, "no permission", null);
        store.revocations.get(0).completeExceptionally(refused);
        assertThat(failure(asked)).isSameAs(refused);
        assertThat(lease.ended().toCompletableFuture()).isNotDone();
        clock.advance(HELD);
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(store.revocations)
                .as("the permission may be given meanwhile")
                .hasSizeGreaterThan(1);
    }

    @Test
    void revocationThatIsNotConfirmedBeforeItsTermIsOverIsALoss() {
        RenewedLease lease = granted();
        clock.advance(THIRD);
        store.renewed(0);
        lease.close();
        clock.advance(HELD.minus(MOMENT));
        assertThat(lease.ended().toCompletableFuture()).isNotDone();
        clock.advance(MOMENT);
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        store.confirm(0);
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(leases.size()).isZero();
    }

    @Test
    void revocationIsGivenUpAfterTheTtl() {
        HandleThreads patient = HandleThreads.open("renewed-lease-test", clock);
        RenewedLeases leases =
                new RenewedLeases("test", patient, new PendingCalls(Duration.ofMinutes(1), clock, patient.callbacks()));
        PendingCall<Lease> call = asked();
        leases.granted(call, "a1", TTL, clock.nanoTime(), store);
        CompletableFuture<Void> asked = result(call.future()).revoke();
        clock.advance(TTL);
        assertThat(failure(asked))
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN))
                .hasMessageContaining("9000 ms");
        assertThat(leases.size()).isZero();
        int attempts = store.revocations.size();
        clock.advance(TTL);
        assertThat(store.revocations).hasSize(attempts);
        patient.close();
    }

    @Test
    void lossThatTheBackendKnowsOfCounts() {
        RenewedLease lease = granted();
        leases.loseAll("the store was restored");
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(store.revocations).hasSize(1);
        lease.lose("again");
        assertThat(store.revocations).hasSize(1);
    }

    @Test
    void leaseThatNobodyWaitsForIsEnded() {
        PendingCall<Lease> late = asked();
        clock.advance(Duration.ofSeconds(5));
        leases.granted(late, "a1", TTL, clock.nanoTime(), store);
        assertThat(store.revocations).hasSize(1);
        store.confirm(0);
        assertThat(leases.size()).isZero();
    }

    @Test
    void leaseThatIsGrantedAfterTheEndOfItsHandleIsEnded() {
        PendingCall<Lease> late = asked();
        leases.close();
        leases.granted(late, "a1", TTL, clock.nanoTime(), store);
        assertThat(store.revocations).hasSize(1);
        calls.close();
        assertThat(failure(late.future())).isInstanceOf(BackendClosedException.class);
        assertThat(leases.size()).isZero();
        assertThat(clock.scheduled()).as("timers that are left").isZero();
    }

    @Test
    void closeRevokesAndSaysSo() {
        PendingCall<Lease> call = asked();
        leases.granted(call, "a1", TTL, clock.nanoTime(), new RenewedLease.Requests() {
            @Override
            public CompletionStage<Duration> renew() {
                return store.renew();
            }

            @Override
            public CompletionStage<Void> revoke() {
                return CompletableFuture.completedFuture(null);
            }
        });
        Lease lease = result(call.future());
        leases.close();
        assertThat(lease.isHeld()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
    }

    @Test
    void closeWaitsForTheStore() throws InterruptedException {
        RenewedLease lease = granted();
        Thread closer = new Thread(leases::close, "closer");
        closer.start();
        while (closer.isAlive() && closer.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        store.confirm(0);
        closer.join(Duration.ofMinutes(1).toMillis());
        assertThat(closer.isAlive()).isFalse();
        assertThat(end(lease)).isEqualTo(LeaseEnd.REVOKED);
    }

    @Test
    void closeOfAMuteStoreLeavesNothingOpen() {
        RenewedLease lease = granted();
        RenewedLease other = granted();
        CompletableFuture<Void> asked = other.revoke();
        leases.close();
        leases.close();
        assertThat(end(lease)).isEqualTo(LeaseEnd.LOST);
        assertThat(end(other)).isEqualTo(LeaseEnd.LOST);
        assertThat(lease.isHeld()).isFalse();
        assertThat(failure(asked))
                .isInstanceOfSatisfying(
                        BackendClosedException.class,
                        failure -> assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN));
        assertThat(lease.revoke()).isCompleted();
        assertThat(leases.size()).isZero();
        calls.close();
        assertThat(clock.scheduled()).as("timers that are left").isZero();
    }

    @Test
    void leaseOfAnotherHandleIsRefused() {
        RenewedLease lease = granted();
        RenewedLeases others = new RenewedLeases("others", threads, calls);
        assertThat(leases.own(lease)).isSameAs(lease);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> others.own(lease))
                .withMessageContaining("a1")
                .withMessageContaining("others");
    }

    @Test
    void endIsToldOnAThreadForCallbacks() {
        RenewedLease lease = granted();
        CompletableFuture<String> thread = new CompletableFuture<>();
        lease.ended().thenAccept(how -> thread.complete(Thread.currentThread().getName()));
        lease.revoke();
        store.confirm(0);
        assertThat(result(thread)).contains("renewed-lease-test").contains("callback");
    }
}
