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
import dev.rollcall.tck.server.FairClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
        backend = open(DEADLINE);
        Await.result(backend.put(DIR.key("k"), Bytes.ofUtf8("0")));
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

    /** Writes until one succeeds, each in its own time, and returns its revision; counts those in doubt. */
    private long writeOn(String value, List<KvException> failures) {
        for (int i = 0; i < 100; i++) {
            try {
                CompletableFuture<Long> write =
                        backend.put(DIR.key("k"), Bytes.ofUtf8(value + "-" + i)).thenApply(commit -> commit.revision());
                assertEndsInTime(write);
                return Await.result(write);
            } catch (java.util.concurrent.CompletionException | KvException e) {
                failures.add((KvException) Futures.unwrap(e));
            }
        }
        throw new AssertionError(
                "No write succeeds any more; the last failed with " + failures.get(failures.size() - 1));
    }

    @Test
    void pausedMemberDelaysNoCallBeyondItsDeadlineAndReadsGoElsewhere() {
        backend.close();
        Observer observer = new Observer();
        try (KvBackend reader = open(Duration.ofSeconds(20))) {
            reader.watch(DIR, WatchStart.snapshot(), observer);
            Await.until(() -> observer.signals().size() == 1);
            EtcdCluster.Member used = cluster.used();
            String only = "etcd://" + used.proxy().address() + "/cluster?timeout=" + DEADLINE.toMillis() + "ms";
            try (KvBackend bound = KvBackends.open(only)) {
                Await.result(bound.get(DIR.key("k")));
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
                long revision = writeOn("paused", new ArrayList<>());
                Await.until(() -> observer.revision() >= revision);
            } finally {
                used.process().resume();
            }
        }
        assertThat(observer.breaches()).isEmpty();
    }

    @Test
    void deathOfTheLeaderEndsNeitherLeasesNorWatches() {
        Lease lease = Await.result(backend.grantLease(Duration.ofSeconds(3)));
        Await.result(backend.put(DIR.key("leased"), Bytes.EMPTY, lease));
        Observer observer = new Observer();
        backend.watch(DIR, WatchStart.snapshot(), observer);
        Await.until(() -> observer.signals().size() == 1);
        EtcdCluster.Member leader = cluster.members().stream()
                .filter(EtcdCluster.Member::leads)
                .findFirst()
                .orElseThrow();
        leader.process().kill();
        try {
            List<KvException> failures = new ArrayList<>();
            long revision = writeOn("orphaned", failures);
            Await.until(() -> observer.revision() >= revision);
            assertThat(lease.isHeld()).isTrue();
        } finally {
            leader.process().start();
        }
        Snapshot end = Await.result(backend.list(DIR));
        Await.until(() -> observer.revision() >= end.revision());
        assertThat(observer.state().values()).containsExactlyElementsOf(end.entries());
        assertThat(observer.breaches()).isEmpty();
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
        writeOn("again", new ArrayList<>());
    }
}
