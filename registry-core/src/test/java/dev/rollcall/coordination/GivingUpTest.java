package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What closing, stepping down and losing patience wait for, where the test decides when the store answers. */
class GivingUpTest extends CoordinationFixture {
    private static final CandidateListener DEAF = new CandidateListener() {
        @Override
        public void onElected(FencingToken token) {}

        @Override
        public void onLost(FencingToken token, String reason) {}
    };

    /** A store that confirms the end of leases only when the test lets it. */
    private static final class SlowRevocations extends ForwardingBackend {
        final CompletableFuture<Void> gate = new CompletableFuture<>();
        final List<String> story = new CopyOnWriteArrayList<>();

        SlowRevocations(KvBackend real) {
            super(real);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return super.grantLease(ttl).thenApply(SlowLease::new);
        }

        /** The store takes only leases of its own. */
        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Txn.Builder own = Txn.builder();
            txn.conditions().forEach(own::require);
            txn.writes().forEach(write -> own.write(unwrapped(write)));
            return super.commit(own.build());
        }

        private static Write unwrapped(Write write) {
            return write instanceof Write.Put put && put.lease() instanceof SlowLease lease
                    ? new Write.Put(put.key(), put.value(), lease.real)
                    : write;
        }

        private final class SlowLease implements Lease {
            private final Lease real;

            SlowLease(Lease real) {
                this.real = real;
            }

            @Override
            public String id() {
                return real.id();
            }

            @Override
            public Duration ttl() {
                return real.ttl();
            }

            @Override
            public boolean isHeld() {
                return real.isHeld();
            }

            @Override
            public CompletionStage<LeaseEnd> ended() {
                return real.ended();
            }

            @Override
            public CompletableFuture<Void> revoke() {
                story.add("asked");
                return gate.thenCompose(nothing -> real.revoke()).thenRun(() -> story.add("confirmed"));
            }

            @Override
            public void close() {
                revoke();
            }
        }
    }

    private final SlowRevocations slow = new SlowRevocations(store.open());
    private final KvBackend direct = store.open();

    /** Whatever a test has come to, what is closed after it waits for no gate. */
    @AfterEach
    void openTheGate() {
        slow.gate.complete(null);
    }

    private CompletableFuture<Void> closing(AutoCloseable what) {
        return async(() -> {
            what.close();
            slow.story.add("closed");
            return null;
        });
    }

    private static <T> CompletableFuture<T> async(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private void confirmThenClosed(CompletableFuture<?> closing) {
        await(() -> assertThat(slow.story).contains("asked"));
        assertThat(closing).isNotDone();
        slow.gate.complete(null);
        await(() -> assertThat(closing).isCompleted());
        assertThat(slow.story).containsSubsequence("asked", "confirmed", "closed");
    }

    /** In real time alone, since the close timeout goes by the store's. */
    private static void await(org.awaitility.core.ThrowingRunnable assertion) {
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(assertion);
    }

    @Test
    void closingALockWaitsUntilItsHoldIsReleased() throws InterruptedException {
        DistributedLock lock = lock(slow);
        LockHold hold = held(lock.acquire());
        confirmThenClosed(closing(lock));
        assertThat(hold.isHeld()).isFalse();
        assertThat(queue()).isEmpty();
    }

    @Test
    void closingALockWaitsForAReleaseBegunBefore() {
        DistributedLock lock = lock(slow);
        held(lock.acquire()).close();
        confirmThenClosed(closing(lock));
    }

    /** As one that ends by {@code shutdownNow()} does. */
    private CompletableFuture<Boolean> closingInterrupted(AutoCloseable what) {
        return async(() -> {
            Thread.currentThread().interrupt();
            what.close();
            slow.story.add("closed");
            return Thread.interrupted();
        });
    }

    @Test
    void closingALockOnAnInterruptedThreadWaitsAsWell() {
        DistributedLock lock = lock(slow);
        held(lock.acquire());
        CompletableFuture<Boolean> closing = closingInterrupted(lock);
        confirmThenClosed(closing);
        assertThat(closing).isCompletedWithValue(true);
    }

    @Test
    void closingAnElectionOnAnInterruptedThreadWaitsAsWell() {
        LeaderElection election = election(slow);
        Candidacy candidacy = election.join("a", DEAF);
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        CompletableFuture<Boolean> closing = closingInterrupted(election);
        confirmThenClosed(closing);
        assertThat(closing).isCompletedWithValue(true);
    }

    @Test
    void closingACandidacyWaitsForTheOfficeGivenUpBefore() throws InterruptedException {
        LeaderElection election = election(slow);
        Candidacy candidacy = election.join("a", DEAF);
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        CompletableFuture<Void> first = candidacy.stepDown();
        CompletableFuture<Void> second = candidacy.stepDown();
        confirmThenClosed(closing(candidacy));
        await(() -> assertThat(first).isCompleted());
        await(() -> assertThat(second).isCompleted());
        assertThat(queue()).isEmpty();
    }

    @Test
    void steppingDownEndsWithAFailureWhenTheStoreNeverAnswersAndIsClosed() {
        LeaderElection election = election(direct);
        Candidacy candidacy = election.join("a", DEAF);
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        store.pause(direct);
        CompletableFuture<Void> first = candidacy.stepDown();
        CompletableFuture<Void> second = candidacy.stepDown();
        CompletableFuture<Void> closing = closing(candidacy);
        eventually(() -> assertThat(closing).isCompleted());
        direct.close();
        eventually(() -> assertThat(first).isDone());
        eventually(() -> assertThat(second).isDone());
    }

    @Test
    void closingAgainAfterTheElectionWaitsNoLongerThanTheCloseTimeout() {
        // By the machine's time, whose timer is the election's own and ends with it.
        LeaderElection election = LeaderElection.open(
                slow, QUEUE, CoordinationOptions.defaults().withCloseTimeout(Duration.ofMillis(100)));
        Candidacy candidacy = election.join("a", DEAF);
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        CompletableFuture<Void> first = closing(election);
        await(() -> assertThat(first).isCompleted());
        CompletableFuture<Void> again = closing(candidacy);
        await(() -> assertThat(again).isCompleted());
        assertThat(slow.story).doesNotContain("confirmed");
    }

    @Test
    void nothingStaysBehindInTheDirectoryWhenNobodyWaits() throws InterruptedException {
        DistributedLock lock = lock(direct);
        LockHold first = held(lock.acquire());
        CompletableFuture<LockHold> next = lock.acquire();
        eventuallyQueued(2);
        first.close();
        LockHold second = held(next);
        second.close();
        eventually(() -> assertThat(observer.list(QUEUE).join().entries()).isEmpty());
    }

    @Test
    void freeLockIsGotHoweverShortThePatienceIs() {
        DistributedLock lock = lock(direct);
        store.pause(direct);
        CompletableFuture<Optional<LockHold>> tried = async(() -> lock.tryLock(Duration.ofMillis(5)));
        for (int i = 0; i < 10; i++) {
            store.advance(Duration.ofMillis(20));
        }
        store.resume(direct);
        eventually(() -> assertThat(tried).isCompleted());
        assertThat(tried.join()).isPresent();
    }

    @Test
    void storeThatDoesNotAnswerIsNoLockThatIsTaken() throws InterruptedException {
        DistributedLock lock = lock(direct);
        store.pause(direct);
        for (Callable<Optional<LockHold>> attempt :
                List.<Callable<Optional<LockHold>>>of(() -> lock.tryLock(Duration.ofSeconds(3)), lock::tryLock)) {
            CompletableFuture<Optional<LockHold>> tried = async(attempt);
            eventually(() -> assertThat(tried).isDone());
            assertThatThrownBy(tried::join)
                    .hasCauseInstanceOf(UnavailableException.class)
                    .hasMessageContaining("has not said within")
                    .hasMessageContaining(QUEUE.path());
        }
        store.resume(direct);
        eventuallyQueued(0);
    }

    @Test
    void patienceIsForOthersAndPlaceIsGivenUpWhenItEnds() {
        held(lock(observer).acquire());
        DistributedLock lock = lock(direct);
        CompletableFuture<Optional<LockHold>> tried = async(() -> lock.tryLock(Duration.ofHours(5)));
        eventuallyQueued(2);
        // The lock hears of its place later than the store does; what it says of a later one comes after that.
        CompletableFuture<Optional<LockHold>> later = async(lock::tryLock);
        eventually(() -> assertThat(later).isCompletedWithValue(Optional.empty()));
        assertThat(tried).isNotDone();
        store.advance(Duration.ofHours(5));
        await(() -> assertThat(tried).isCompletedWithValue(Optional.empty()));
        eventuallyQueued(1);
    }

    @Test
    void storeThatIsFullIsNotHammered() {
        AtomicInteger attempts = new AtomicInteger();
        KvBackend full = new ForwardingBackend(direct) {
            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                attempts.incrementAndGet();
                return CompletableFuture.failedFuture(new KvException(
                        KvException.Context.of(name(), "commit", QUEUE), Outcome.UNKNOWN, true, "no space", null));
            }
        };
        Candidacy candidacy = election(full).join("a", DEAF);
        for (int before = 0; before < 5; before++) {
            int seen = before;
            await(() -> {
                if (attempts.get() <= seen) {
                    store.advance(Duration.ofSeconds(5));
                }
                assertThat(attempts.get()).isGreaterThan(seen);
            });
            await(() -> assertThat(candidacy.lastFailure())
                    .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("no space")));
        }
        assertThat(candidacy.state()).isEqualTo(CandidacyState.JOINING);
    }

    @Test
    void whatKeepsAPlaceFromBeingAskedForEndsTheWishAndIsTold() {
        KvBackend broken = new ForwardingBackend(direct) {
            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                throw new IllegalStateException("refused on purpose");
            }
        };
        Candidacy candidacy = election(broken).join("a", DEAF);
        eventually(() -> assertThat(candidacy.state()).isEqualTo(CandidacyState.CLOSED));
        assertThat(candidacy.lastFailure())
                .hasValueSatisfying(e -> assertThat(e).hasMessageContaining("refused on purpose"));
        CompletableFuture<LockHold> turn = lock(broken).acquire();
        eventually(() -> assertThat(turn).isCompletedExceptionally());
        assertThatThrownBy(turn::join).hasRootCauseMessage("refused on purpose");
    }

    @Test
    void manyLocksOnOneHandleShareTheirThreads() {
        Set<String> before = groups();
        for (int i = 0; i < 200; i++) {
            DistributedLock lock = DistributedLock.open(direct, dev.rollcall.kv.Directory.of("/locks/" + i), options());
            held(lock.acquire());
        }
        Set<String> ours = groups();
        ours.removeAll(before);
        assertThat(ours).hasSizeLessThanOrEqualTo(1);
    }

    /** Each group of threads has a number of its own. */
    private static Set<String> groups() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("rollcall-coordination-"))
                .map(name -> name.split("-")[2])
                .collect(Collectors.toSet());
    }

    @Test
    void entrySaysWhoHoldsForToolsToShow() throws InterruptedException {
        held(lock(direct, options().withOwner("nightly \"report\"")).acquire());
        Bytes value = queue().get(0).value();
        assertThat(value.utf8())
                .contains("\"owner\":\"nightly \\\"report\\\"\"")
                .contains("\"host\":\"")
                .contains("\"process\":" + ProcessHandle.current().pid())
                .contains("\"since\":\"" + store.time().instant().toString().substring(0, 10));
    }
}
