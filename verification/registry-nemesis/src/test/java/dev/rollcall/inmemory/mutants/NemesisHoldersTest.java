package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That holders of leases and locks find a store guilty beside whose rounds they run. */
class NemesisHoldersTest {
    private static final String CONTENDER_IS_STUCK = ".* contenders \\[.*1.*] for a lock wrote nothing .*";
    private static final int MOST_ROUNDS = 60;
    private static final Directory LOCK = Directory.of("/lock");
    private static final Executor SOON = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

    @TempDir
    private Path directory;

    /** Some time after it was granted, the lease is gone, and its holder is not told. */
    private static final class ExpiresUnderItsHolder extends Forwarding {
        ExpiresUnderItsHolder(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                SOON.execute(() -> handle.faults().expire(lease));
                return new LeaseMutants.NoLoss(lease);
            });
        }
    }

    /** Some time after it was granted, the holder is told of a loss, and the store knows nothing of it. */
    private static final class OutlivesItsLoss extends MutantLease {
        private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();

        OutlivesItsLoss(Lease lease) {
            super(lease);
            SOON.execute(() -> ended.complete(LeaseEnd.LOST));
        }

        @Override
        public boolean isHeld() {
            return !ended.isDone();
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return ended;
        }

        @Override
        public CompletableFuture<Void> revoke() {
            return ended.isDone() ? CompletableFuture.completedFuture(null) : lease.revoke();
        }
    }

    /** Says that it is revoked, and that is all. */
    private static final class RevokedInName extends MutantLease {
        private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();

        RevokedInName(Lease lease) {
            super(lease);
        }

        @Override
        public boolean isHeld() {
            return !ended.isDone();
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return ended;
        }

        @Override
        public CompletableFuture<Void> revoke() {
            ended.complete(LeaseEnd.REVOKED);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Does not look at the guards of a lock. */
    private static final class Unguarded extends Forwarding {
        Unguarded(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            Txn.Builder others = Txn.builder();
            txn.conditions().stream()
                    .filter(condition -> !(condition instanceof Condition.RevisionIs && LOCK.covers(condition.key())))
                    .forEach(others::require);
            txn.writes().forEach(others::write);
            return super.commit(others.build());
        }
    }

    /** Now and then, acknowledges a transaction of several writes of which one was left out. */
    private static final class LeavesOutAWrite extends Forwarding {
        private final AtomicInteger commits = new AtomicInteger();
        private final String name;

        LeavesOutAWrite(InMemoryBackend handle, String name) {
            super(handle);
            this.name = name;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            List<Write> others = txn.writes().stream()
                    .filter(write -> !write.key().path().contains(name))
                    .toList();
            if (!LOCK.covers(txn.writes().get(0).key())
                    || others.isEmpty()
                    || others.size() == txn.writes().size()
                    || commits.incrementAndGet() % 5 != 0) {
                return super.commit(txn);
            }
            Txn.Builder rest = Txn.builder();
            txn.conditions().forEach(rest::require);
            others.forEach(rest::write);
            return super.commit(rest.build());
        }
    }

    /** Never grants a lease for as short as holders and contenders want it; those of nodes, whose registry would wait for one when it is closed, come. */
    private static final class NeverGrants extends Forwarding {
        NeverGrants(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return ttl.compareTo(Duration.ofSeconds(5)) > 0 ? super.grantLease(ttl) : new CompletableFuture<>();
        }
    }

    /** Runs short rounds until all that is wanted has been found, or far more than that takes, and returns what was. */
    private List<String> violations(Function<InMemoryBackend, Forwarding> mutation, List<Predicate<String>> wanted)
            throws IOException, InterruptedException {
        NemesisOptions options = new NemesisOptions(
                KitSettings.fromEnvironment().seed(),
                Duration.ofMinutes(30),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Set.of(),
                directory);
        List<String> found = new ArrayList<>();
        try (FakeCluster cluster = new FakeCluster(handle -> mutation.apply((InMemoryBackend) handle))) {
            return new NemesisRun(cluster, options)
                    .onRound(round -> {
                        found.addAll(round.violations());
                        return round.number() < MOST_ROUNDS
                                && !wanted.stream()
                                        .allMatch(one -> found.stream().anyMatch(one));
                    })
                    .run()
                    .violations();
        }
    }

    /** That every one of these is among what is found. */
    private void assertFound(Function<InMemoryBackend, Forwarding> mutation, List<Predicate<String>> wanted)
            throws IOException, InterruptedException {
        List<String> found = violations(mutation, wanted);
        assertThat(wanted).allSatisfy(one -> assertThat(found).anyMatch(one));
    }

    private static Predicate<String> naming(String text) {
        return violation -> violation.contains(text);
    }

    private static Function<InMemoryBackend, Forwarding> granting(Function<Lease, MutantLease> wrong) {
        return LeaseMutants.granting(wrong);
    }

    @Test
    void entriesThatGoUnderTheirHolderAreFound() throws IOException, InterruptedException {
        assertFound(
                ExpiresUnderItsHolder::new,
                List.of(
                        naming("LEASE-4, held by its holder's clock when"),
                        naming("held at once").or(naming("it is over"))));
    }

    @Test
    void entriesThatStayAfterALossAreFound() throws IOException, InterruptedException {
        assertFound(granting(OutlivesItsLoss::new), List.of(naming("LEASE-2")));
    }

    @Test
    void revocationThatDeletesNothingIsFound() throws IOException, InterruptedException {
        assertFound(granting(RevokedInName::new), List.of(naming("LEASE-9")));
    }

    @Test
    void entriesThatGoOneByOneAreFound() throws IOException, InterruptedException {
        assertFound(LeaseMutants.EntriesGoOneByOne::new, List.of(naming("LEASE-3")));
    }

    @Test
    void putAfterTheEndIsFound() throws IOException, InterruptedException {
        // Whoever is first: its holder, who is told that it was done, or somebody who sees an entry without a lease.
        assertFound(
                LeaseMutants.WritesWithoutTheLease::new,
                List.of(naming("LEASE-5").or(naming("LEASE-6"))));
    }

    @Test
    void updateThatLosesTheLeaseIsFound() throws IOException, InterruptedException {
        assertFound(
                LeaseMutants.UpdateDropsLease::new, List.of(naming("LEASE-3").or(naming("LEASE-9"))));
    }

    @Test
    void guardThatIsIgnoredIsFound() throws IOException, InterruptedException {
        assertFound(Unguarded::new, List.of(naming(", after one under token")));
    }

    @Test
    void lostStepOfTheCounterIsFound() throws IOException, InterruptedException {
        assertFound(handle -> new LeavesOutAWrite(handle, "/counter"), List.of(naming("moved the counter from")));
    }

    @Test
    void lostGuardedWriteIsFound() throws IOException, InterruptedException {
        assertFound(handle -> new LeavesOutAWrite(handle, "/log/"), List.of(naming("WRITE-1, the write")));
    }

    @Test
    void contenderThatNeverGetsOnIsFoundAndSoIsWhatItWaitsFor() throws IOException, InterruptedException {
        AtomicInteger handles = new AtomicInteger();
        List<String> found = violations(
                handle -> handles.incrementAndGet() == 2 ? new NeverGrants(handle) : new Forwarding(handle),
                List.of(violation -> violation.matches(CONTENDER_IS_STUCK), naming("LIFE-1, was not answered")));
        assertThat(found)
                .anyMatch(violation -> violation.matches(CONTENDER_IS_STUCK))
                .anyMatch(naming("LIFE-1, was not answered"))
                .anyMatch(naming("LIFE-3,"));
    }

    @Test
    void threadThatIsLeftIsFound() throws IOException, InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        Thread left = new Thread(
                () -> {
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "rollcall-left-behind");
        left.setDaemon(true);
        AtomicInteger handles = new AtomicInteger();
        try {
            // It is left after the run, and a single round is enough of one.
            List<String> found = violations(
                    handle -> {
                        if (handles.incrementAndGet() == 1) {
                            left.start();
                        }
                        return new Forwarding(handle);
                    },
                    List.of());
            assertThat(found)
                    .anyMatch(violation -> violation.contains("LIFE-5") && violation.contains("rollcall-left-behind"));
        } finally {
            over.countDown();
            left.join(TimeUnit.MINUTES.toMillis(1));
            assertThat(left.isAlive()).isFalse();
        }
    }
}
