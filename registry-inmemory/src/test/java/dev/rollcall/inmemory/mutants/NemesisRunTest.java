package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a run under faults finds a store guilty if it lies, and only then, and that it undoes what it does. */
class NemesisRunTest {
    @TempDir
    private Path directory;

    /** Finds nothing now and then. */
    private static final class Forgetful extends Forwarding {
        private final AtomicInteger reads = new AtomicInteger();

        Forgetful(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return plain(super.get(key, consistency)
                    .thenApply(found ->
                            reads.incrementAndGet() % 10 == 0 ? new GetResult(key, null, found.revision()) : found));
        }
    }

    /** Forgets to answer a read in a while. */
    private static final class Silent extends Forwarding {
        private final AtomicInteger reads = new AtomicInteger();

        Silent(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return reads.incrementAndGet() % 10 == 0 ? new CompletableFuture<>() : super.get(key, consistency);
        }
    }

    private NemesisReport run(Cluster cluster, Duration round, Fault... faults)
            throws IOException, InterruptedException {
        NemesisOptions options =
                new NemesisOptions(11, Duration.ofMillis(1), round, Duration.ofSeconds(20), Set.of(faults), directory);
        return new NemesisRun(cluster, options).run();
    }

    @Test
    void storeThatIsRightIsFoundRight() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            NemesisReport report =
                    run(cluster, Duration.ofSeconds(6), Fault.KILL_LEADER, Fault.PAUSE_FOLLOWER, Fault.KILL_MAJORITY);
            assertThat(report.violations()).isEmpty();
            assertThat(report.faults().values().stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isPositive()
                    .isEqualTo(report.recoveries().size());
            assertThat(report.holders().leases()).isPositive();
            assertThat(report.holders().guardedWrites()).isPositive();
            assertThat(report.holders().refusedWrites()).isPositive();
            assertThat(report.holders().turns()).isPositive();
            assertThat(cluster.notes).isNotEmpty().doesNotContain("pause b");
            assertThat(cluster.members).allMatch(member -> member.up && !member.paused);
            assertThat(directory.resolve("nemesis.txt"))
                    .content()
                    .contains("fake, seed 11: no violation", "guarded writes");
        }
    }

    @Test
    void forgottenWritesAreFoundAndTheirHistoryIsKept() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> new Forgetful((InMemoryBackend) handle))) {
            NemesisReport report = run(cluster, Duration.ofSeconds(1));
            assertThat(report.violations())
                    .anyMatch(violation -> violation.contains("REV-5") || violation.contains("READ-1"));
            assertThat(directory).isDirectoryContaining("glob:**-smallest.html");
        }
    }

    @Test
    void whatIsImpossibleIsLeftOut() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            assertThat(run(cluster, Duration.ofSeconds(1), Fault.COMPACT, Fault.DEAFEN_LEADER)
                            .faults())
                    .isEmpty();
        }
    }

    @Test
    void clusterThatCannotBeHealedEndsTheRunAndLeavesItsFigures() {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            cluster.members.forEach(member -> member.broken = true);
            assertThatThrownBy(() -> run(cluster, Duration.ofSeconds(6), Fault.KILL_LEADER))
                    .hasMessageContaining("in no known state");
            assertThat(directory.resolve("nemesis.txt")).content().contains("the run ended");
        }
    }

    @Test
    void answerThatNeverComesIsAViolationAndNoHang() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> new Silent((InMemoryBackend) handle))) {
            NemesisOptions options = new NemesisOptions(
                    11, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(3), Set.of(), directory);
            assertThat(new NemesisRun(cluster, options).run().violations())
                    .anyMatch(violation -> violation.contains("LIFE-1"));
        }
    }
}
