package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.FaultTime;
import dev.rollcall.tck.nemesis.HolderFigures;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRound;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a run under faults finds a store guilty if it lies, and only then, and that it undoes what it does. */
class NemesisRunTest {
    private static final long SEED = KitSettings.fromEnvironment().seed();
    /** What a round has to show comes with the first as a rule. */
    private static final int MOST_ROUNDS = 10;
    /** Rounds are what bounds a run. */
    private static final Duration HANG = Duration.ofMinutes(10);

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

    private NemesisOptions options(long seed, Duration round, Duration settling, Fault... faults) {
        return new NemesisOptions(seed, HANG, round, settling, Set.of(faults), directory);
    }

    /** Runs until a round was like that, for a few rounds at most. */
    private NemesisReport runUntil(Predicate<NemesisRound> enough, Cluster cluster, NemesisOptions options)
            throws IOException, InterruptedException {
        return new NemesisRun(cluster, options)
                .onRound(round -> !enough.test(round) && round.number() < MOST_ROUNDS)
                .run();
    }

    private static Predicate<NemesisRound> accusing(String... rules) {
        return round -> round.violations().stream()
                .anyMatch(violation -> Arrays.stream(rules).anyMatch(violation::contains));
    }

    @Test
    void storeThatIsRightIsFoundRight() throws IOException, InterruptedException {
        boolean everythingHappened = false;
        for (int i = 0; i < MOST_ROUNDS && !everythingHappened; i++) {
            try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
                long seed = SEED + i;
                NemesisReport report = runUntil(
                        round -> !round.faults().isEmpty(),
                        cluster,
                        options(
                                seed,
                                Duration.ofSeconds(6),
                                Duration.ofMinutes(1),
                                Fault.KILL_LEADER,
                                Fault.PAUSE_FOLLOWER,
                                Fault.KILL_MAJORITY));
                assertThat(report.violations()).isEmpty();
                assertThat(report.faults().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                        .isPositive()
                        .isEqualTo(report.recoveries().size());
                assertThat(cluster.notes).isNotEmpty().doesNotContain("pause b");
                assertThat(cluster.members).allMatch(member -> member.up && !member.paused);
                assertThat(directory.resolve("nemesis.txt"))
                        .content()
                        .contains("fake, seed " + seed + ": no violation", "guarded writes");
                HolderFigures holders = report.holders();
                everythingHappened = holders.leases() > 0
                        && holders.guardedWrites() > 0
                        && holders.refusedWrites() > 0
                        && holders.turns() > 0;
            }
        }
        assertThat(everythingHappened)
                .as("in some run, there were leases, turns of a lock, and guarded writes that were done and refused")
                .isTrue();
    }

    /** Rounds with and without it, one after the other: who holds leases and locks, and what is judged, goes on. */
    @Test
    void storeWhoseEntriesSomebodyElseTakesAwayIsFoundRight() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            AtomicInteger taken = new AtomicInteger();
            cluster.taken = taken;
            List<Set<Fault>> rounds = new ArrayList<>();
            NemesisReport report = new NemesisRun(
                            cluster,
                            options(
                                    SEED,
                                    Duration.ofSeconds(3),
                                    Duration.ofMinutes(1),
                                    Fault.DELETE_ROOT,
                                    Fault.PAUSE_FOLLOWER))
                    .onRound(round -> {
                        rounds.add(round.faults().stream().map(FaultTime::fault).collect(Collectors.toSet()));
                        return !(rounds.contains(Set.of(Fault.DELETE_ROOT))
                                        && rounds.lastIndexOf(Set.of(Fault.PAUSE_FOLLOWER))
                                                > rounds.indexOf(Set.of(Fault.DELETE_ROOT)))
                                && round.number() < MOST_ROUNDS;
                    })
                    .run();
            assertThat(report.violations()).isEmpty();
            assertThat(taken.get()).isPositive();
            assertThat(rounds).contains(Set.of(Fault.DELETE_ROOT), Set.of(Fault.PAUSE_FOLLOWER));
            assertThat(rounds).doesNotContain(Set.of(Fault.DELETE_ROOT, Fault.PAUSE_FOLLOWER));
        }
    }

    @Test
    void forgottenWritesAreFoundAndTheirHistoryIsKept() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> new Forgetful((InMemoryBackend) handle))) {
            NemesisReport report = runUntil(
                    accusing("REV-5", "READ-1"), cluster, options(SEED, Duration.ofSeconds(1), Duration.ofSeconds(20)));
            assertThat(report.violations())
                    .anyMatch(violation -> violation.contains("REV-5") || violation.contains("READ-1"));
            assertThat(directory).isDirectoryContaining("glob:**-smallest.html");
        }
    }

    @Test
    void whatIsImpossibleIsLeftOut() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            assertThat(runUntil(
                                    round -> true,
                                    cluster,
                                    options(
                                            SEED,
                                            Duration.ofSeconds(1),
                                            Duration.ofMinutes(1),
                                            Fault.COMPACT,
                                            Fault.MUTE_LEADER))
                            .faults())
                    .isEmpty();
        }
    }

    @Test
    void faultOfSomeServersThatCanBeHadOnceComesOnceAndIsUndone() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            AtomicInteger strikes = new AtomicInteger();
            AtomicInteger undone = new AtomicInteger();
            cluster.disruptions = fault -> fault != Fault.ROLLING_UPGRADE || strikes.get() > 0
                    ? Optional.empty()
                    : Optional.of(undo -> {
                        undo.accept(undone::incrementAndGet);
                        strikes.incrementAndGet();
                    });
            NemesisReport report = runUntil(
                    round -> strikes.get() > 0 && round.faults().stream().anyMatch(fault -> fault.fault() == Fault.CUT),
                    cluster,
                    options(SEED, Duration.ofSeconds(6), Duration.ofMinutes(1), Fault.ROLLING_UPGRADE, Fault.CUT));
            assertThat(report.faults()).containsEntry(Fault.ROLLING_UPGRADE, 1).containsKey(Fault.CUT);
            assertThat(strikes).hasValue(1);
            assertThat(undone).hasValue(1);
        }
    }

    /** The store in memory only looks as if it were put back. */
    @Test
    void faultThatPartsHistoriesIsUndoneBetweenRoundsAndWhoDoesNotNoticeIsFoundGuilty()
            throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            cluster.disruptions = fault -> fault != Fault.RESTORE_OLDER
                    ? Optional.empty()
                    : Optional.of(undo -> {
                        undo.accept(() -> cluster.notes.add("put back"));
                        cluster.notes.add("copied");
                    });
            NemesisReport report = new NemesisRun(
                            cluster, options(SEED, Duration.ofSeconds(1), Duration.ofSeconds(3), Fault.RESTORE_OLDER))
                    .onRound(round -> {
                        cluster.notes.add("round");
                        return round.number() < 2;
                    })
                    .run();
            assertThat(cluster.notes).containsExactly("copied", "put back", "round", "copied", "put back", "round");
            assertThat(report.faults()).containsExactly(Map.entry(Fault.RESTORE_OLDER, 2));
            assertThat(report.violations())
                    .hasSize(2)
                    .allMatch(violation -> violation.contains("a lease from before has not ended"));
        }
    }

    @Test
    void faultOfAnotherMemberThanTheLeaderIsImpossibleWhereThereIsOne() {
        try (FakeCluster cluster = new FakeCluster(handle -> handle, "alone")) {
            assertThat(Fault.values())
                    .filteredOn(fault -> fault.isPossible(cluster))
                    .contains(Fault.KILL_LEADER, Fault.PAUSE_LEADER, Fault.CUT)
                    .doesNotContain(Fault.KILL_FOLLOWER, Fault.PAUSE_FOLLOWER, Fault.REFUSE_ONE, Fault.BLACKHOLE_ONE);
        }
    }

    @Test
    void clusterThatCannotBeHealedEndsTheRunAndLeavesItsFigures() {
        try (FakeCluster cluster = new FakeCluster(handle -> handle)) {
            cluster.members.forEach(member -> member.broken = true);
            assertThatThrownBy(() -> runUntil(
                            round -> false,
                            cluster,
                            options(SEED, Duration.ofSeconds(6), Duration.ofMinutes(1), Fault.KILL_LEADER)))
                    .hasMessageContaining("in no known state");
            assertThat(directory.resolve("nemesis.txt")).content().contains("the run ended");
        }
    }

    @Test
    void answerThatNeverComesIsAViolationAndNoHang() throws IOException, InterruptedException {
        try (FakeCluster cluster = new FakeCluster(handle -> new Silent((InMemoryBackend) handle))) {
            NemesisOptions options = options(SEED, Duration.ofSeconds(1), Duration.ofSeconds(3));
            assertThat(runUntil(accusing("LIFE-1"), cluster, options).violations())
                    .anyMatch(violation -> violation.contains("LIFE-1"));
        }
    }
}
