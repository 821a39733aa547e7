package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.KnownFault;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That leases which end early are excused on servers that are known for it, when they are, and at no other time. */
class KnownFaultTest {
    private static final KnownFault KNOWN = new KnownFault(
            "https://tracker.example/15",
            KnownFault.Effect.LEASE_ENDS_EARLY,
            Set.of(Fault.PAUSE_LEADER),
            // How long after the fault is for RunFindingsTest, where there is a clock for it.
            Duration.ofMinutes(5));
    private static final int MOST_ROUNDS = 20;

    @TempDir
    private Path directory;

    /** Its holder hears of its end a while after others can see it. */
    private static final class LateNews extends MutantLease {
        private static final long LATE_MILLIS = 100;
        private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
        private volatile boolean early;
        private volatile long earlyAt;

        LateNews(Lease lease) {
            super(lease);
            lease.ended()
                    .whenComplete((end, failure) -> CompletableFuture.delayedExecutor(
                                    end == LeaseEnd.LOST ? LATE_MILLIS : 0, TimeUnit.MILLISECONDS)
                            .execute(() -> ended.complete(end)));
        }

        void beforeItsEnd() {
            earlyAt = System.nanoTime();
            early = true;
        }

        @Override
        public boolean isHeld() {
            return early ? System.nanoTime() - earlyAt < LATE_MILLIS * 1_000_000 : super.isHeld();
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return ended;
        }
    }

    /** Ends leases when it is told to. */
    private static final class Hasty extends Forwarding {
        private final Queue<LateNews> granted = new ConcurrentLinkedQueue<>();

        Hasty(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            return Futures.map(handle.grantLease(ttl), lease -> {
                LateNews news = new LateNews(lease);
                granted.add(news);
                return news;
            });
        }

        void endLeases() {
            granted.removeIf(lease -> !lease.isHeld());
            granted.forEach(lease -> {
                lease.beforeItsEnd();
                handle.faults().expire(lease.lease);
            });
        }
    }

    /** Runs until a lease was found that ended early, or for far more rounds than that takes. */
    private NemesisReport run(List<KnownFault> knownFaults, Fault fault) throws IOException, InterruptedException {
        Queue<Hasty> handles = new ConcurrentLinkedQueue<>();
        NemesisOptions options = new NemesisOptions(
                KitSettings.fromEnvironment().seed(),
                Duration.ofMinutes(30),
                Duration.ofSeconds(3),
                Duration.ofMinutes(1),
                Set.of(fault),
                directory);
        try (FakeCluster cluster = new FakeCluster(handle -> {
            Hasty hasty = new Hasty((InMemoryBackend) handle);
            handles.add(hasty);
            return hasty;
        })) {
            cluster.knownFaults = knownFaults;
            cluster.members.forEach(member -> member.onResume = () -> handles.forEach(Hasty::endLeases));
            return new NemesisRun(cluster, options)
                    .onRound(round ->
                            round.known().isEmpty() && round.violations().isEmpty() && round.number() < MOST_ROUNDS)
                    .run();
        }
    }

    @Test
    void leasesThatEndAfterTheFaultThatIsKnownForItAreNoViolation() throws IOException, InterruptedException {
        NemesisReport report = run(List.of(KNOWN), Fault.PAUSE_LEADER);
        assertThat(report.violations()).isEmpty();
        assertThat(report.known()).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.fault()).isEqualTo(KNOWN);
            assertThat(finding.what()).contains("LEASE-4");
        });
        assertThat(directory.resolve("nemesis.txt")).content().contains("no violation, known faults of the servers: ");
    }

    @Test
    void leasesThatEndAfterAnotherFaultAreAViolation() throws IOException, InterruptedException {
        assertViolation(run(List.of(KNOWN), Fault.PAUSE_FOLLOWER));
    }

    @Test
    void leasesThatEndOnServersThatAreNotKnownForItAreAViolation() throws IOException, InterruptedException {
        assertViolation(run(List.of(), Fault.PAUSE_LEADER));
    }

    private static void assertViolation(NemesisReport report) {
        assertThat(report.known()).isEmpty();
        assertThat(report.violations()).anyMatch(violation -> violation.contains("LEASE-4"));
    }
}
