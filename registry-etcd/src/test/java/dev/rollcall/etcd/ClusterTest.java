package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.FairClock;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MoveLeaderRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Three members, of which some stop. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterTest {
    private static final Directory DIR = Directory.of("/c");
    private static final Duration DEADLINE = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Longer than a holder on a busy machine may have to wait for its processor: such a one would rightly lose its lease. */
    private static final Duration TTL = Duration.ofSeconds(15);

    private EtcdCluster cluster;
    private KvBackend backend;

    @BeforeAll
    void startCluster() {
        cluster = EtcdCluster.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void open() {
        Await.until(() -> cluster.members().stream()
                .allMatch(member -> member.admin().status().getLeader() != 0));
        try (KvBackend patient = open(PATIENCE)) {
            Await.result(patient.put(DIR.key("k"), Bytes.ofUtf8("0")));
        }
        backend = open(DEADLINE);
        awaitConnection(backend);
    }

    private static void awaitConnection(KvBackend handle) {
        Await.until(() -> handle.connection().state() == ConnectionState.CONNECTED);
    }

    private KvBackend open(Duration deadline) {
        return KvBackends.open(cluster.url("/cluster?timeout=" + deadline.toMillis() + "ms"));
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private static void assertEndsInTime(CompletableFuture<?> operation) {
        assertThat(FairClock.endsInTime(operation, DEADLINE))
                .as("whether an operation ended by its deadline of %s", DEADLINE)
                .isTrue();
    }

    /** Writes until one succeeds, each in its own time, and returns its revision. */
    private static long writeOn(KvBackend writer, String value) {
        KvException last = null;
        for (int i = 0; i < 100; i++) {
            try {
                CompletableFuture<Long> write =
                        writer.put(DIR.key("k"), Bytes.ofUtf8(value + "-" + i)).thenApply(commit -> commit.revision());
                assertEndsInTime(write);
                return Await.result(write);
            } catch (java.util.concurrent.CompletionException | KvException e) {
                last = (KvException) Futures.unwrap(e);
            }
        }
        throw new AssertionError("No write succeeds any more; the last failed with " + last);
    }

    /** On a busy machine another leader may be elected, which leaves a write in doubt. */
    private static void endsOtherwiseThanDropped(CompletableFuture<?> write) {
        try {
            Await.result(write);
        } catch (KvException e) {
            assertThat(e).hasMessageNotContaining("dropped");
        }
    }

    @Test
    void leaderThatHandsItsOfficeOverDropsWritesAndTheyAreSentAgain() {
        EtcdCluster.Member leader = cluster.leader();
        EtcdCluster.Member silent = cluster.members().stream()
                .filter(member -> !member.equals(leader))
                .findFirst()
                .orElseThrow();
        long id = silent.admin().status().getHeader().getMemberId();
        try (KvBackend there = KvBackends.open("etcd://" + leader.proxy().address() + "/cluster?timeout=60s")) {
            awaitConnection(there);
            silent.pause();
            try {
                // To one that does not take it: for an election timeout the leader takes nothing into its log.
                Future<?> moved = MaintenanceGrpc.newFutureStub(leader.admin().channel())
                        .moveLeader(
                                MoveLeaderRequest.newBuilder().setTargetID(id).build());
                for (int i = 0; i < 200 && !moved.isDone(); i++) {
                    endsOtherwiseThanDropped(there.put(DIR.key("moved"), Bytes.ofUtf8("" + i)));
                }
                moved.cancel(true);
            } finally {
                silent.resume();
            }
        }
    }

    @Test
    void pausedMemberDelaysNoCallBeyondItsDeadlineAndReadsGoElsewhere() {
        backend.close();
        Observer observer = new Observer();
        try (KvBackend reader = open(PATIENCE)) {
            reader.watch(DIR, WatchStart.snapshot(), observer);
            Await.until(() -> observer.signals().size() == 1);
            EtcdCluster.Member used = cluster.used();
            String only = "etcd://" + used.proxy().address() + "/cluster?timeout=" + DEADLINE.toMillis() + "ms";
            try (KvBackend bound = KvBackends.open(only)) {
                awaitConnection(bound);
                used.process().pause();
                List<CompletableFuture<?>> reads = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    reads.add(reader.get(DIR.key("k")));
                    reads.add(reader.list(DIR));
                }
                CompletableFuture<?> write = bound.create(DIR.key("unanswered"), Bytes.EMPTY);
                assertEndsInTime(write);
                assertThatThrownBy(() -> Await.result(write))
                        .matches(failure -> ((KvException) failure).outcome() == Outcome.UNKNOWN);
                // The paused member cannot have answered them.
                reads.forEach(Await::result);
                backend = open(DEADLINE);
                long revision = writeOn(backend, "paused");
                Await.until(() -> observer.revision() >= revision);
            } finally {
                used.process().resume();
            }
        }
        assertThat(observer.breaches()).isEmpty();
    }

    @Test
    void deathOfTheLeaderEndsNeitherLeasesNorWatches() {
        backend.close();
        backend = open(PATIENCE);
        Lease lease = Await.result(backend.grantLease(TTL));
        Await.result(backend.put(DIR.key("leased"), Bytes.EMPTY, lease));
        Observer observer = new Observer();
        backend.watch(DIR, WatchStart.snapshot(), observer);
        Await.until(() -> observer.signals().size() == 1);
        EtcdCluster.Member leader = cluster.leader();
        leader.process().kill();
        long renewedSince = System.nanoTime() + TTL.toNanos();
        try {
            try (KvBackend writer = open(DEADLINE)) {
                long revision = writeOn(writer, "orphaned");
                Await.until(() -> observer.revision() >= revision);
            }
            assertThat(lease.isHeld()).isTrue();
        } finally {
            leader.process().start();
        }
        Snapshot end = Await.result(backend.list(DIR));
        Await.until(() -> observer.revision() >= end.revision());
        assertThat(observer.state().values()).containsExactlyElementsOf(end.entries());
        assertThat(observer.breaches()).isEmpty();
        // The next leader is told that it is still wanted, or it would be over by then.
        Await.until(() -> System.nanoTime() - renewedSince > 0 || !lease.isHeld());
        assertThat(lease.isHeld()).isTrue();
        Await.result(lease.revoke());
    }

    @Test
    void lossOfTheMajorityIsAnOutageAndPasses() {
        EtcdCluster.Member used = cluster.used();
        List<EtcdCluster.Member> others = cluster.members().stream()
                .filter(member -> !member.equals(used))
                .toList();
        others.forEach(member -> member.process().pause());
        try {
            CompletableFuture<?> read = backend.get(DIR.key("k"));
            assertEndsInTime(read);
            assertThatThrownBy(() -> Await.result(read))
                    .matches(failure -> ((KvException) failure).outcome() == Outcome.NOT_APPLIED);
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
        } finally {
            others.forEach(member -> member.process().resume());
        }
        writeOn(backend, "again");
    }

    /** What {@code mute-follower} does: what a member says travels on connections that the others began, what it hears on its own. */
    @Test
    void memberThatOthersCannotReachHearsThem() {
        EtcdCluster.Member mute = cluster.follower();
        mute.peers().stall(Direction.REQUESTS, Direction.REPLIES);
        try {
            EtcdCluster.Member leader = cluster.leader();
            leader.admin().put("/heard", "");
            long written = leader.admin().status().getRaftIndex();
            Await.until(() -> mute.admin().status().getRaftIndex() >= written);
        } finally {
            mute.peers().flow();
        }
    }
}
