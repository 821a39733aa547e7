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
        backend = KvBackends.open(cluster.url("/cluster?timeout=" + DEADLINE.toMillis() + "ms"));
        Await.result(backend.put(DIR.key("k"), Bytes.ofUtf8("0")));
    }

    @AfterEach
    void close() {
        backend.close();
    }

    /** Writes until one succeeds, each in its own time, and returns its revision; counts those in doubt. */
    private long writeOn(String value, List<KvException> failures) {
        for (int i = 0; i < 100; i++) {
            try {
                long begun = System.nanoTime();
                CompletableFuture<Long> write =
                        backend.put(DIR.key("k"), Bytes.ofUtf8(value + "-" + i)).thenApply(commit -> commit.revision());
                write.handle((done, failure) -> done).join();
                assertThat(Duration.ofNanos(System.nanoTime() - begun))
                        .as("the time that a write took")
                        .isLessThan(DEADLINE.plusSeconds(1));
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
        Observer observer = new Observer();
        backend.watch(DIR, WatchStart.snapshot(), observer);
        Await.until(() -> observer.signals().size() == 1);
        EtcdCluster.Member used = cluster.used();
        used.process().pause();
        try {
            long begun = System.nanoTime();
            List<CompletableFuture<?>> reads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                reads.add(backend.get(DIR.key("k")));
                reads.add(backend.list(DIR));
            }
            CompletableFuture<?> write = backend.create(DIR.key("unanswered"), Bytes.EMPTY);
            reads.forEach(Await::result);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DEADLINE);
            assertThatThrownBy(() -> Await.result(write))
                    .matches(failure -> ((KvException) failure).outcome() == Outcome.UNKNOWN);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DEADLINE.plusSeconds(1));
            long revision = writeOn("paused", new ArrayList<>());
            Await.until(() -> observer.revision() >= revision);
        } finally {
            used.process().resume();
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
            long begun = System.nanoTime();
            assertThatThrownBy(() -> Await.result(backend.get(DIR.key("k"))))
                    .matches(failure -> ((KvException) failure).outcome() == Outcome.NOT_APPLIED);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DEADLINE.plusSeconds(1));
            Await.until(() -> backend.connection().state() == ConnectionState.DISCONNECTED);
        } finally {
            others.forEach(member -> member.process().resume());
        }
        writeOn("again", new ArrayList<>());
    }
}
