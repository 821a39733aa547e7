package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.WatchStart;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that was away for so long that the leader sends it everything instead of what it missed. */
@Timeout(300)
class SnapshotTest {
    private static final Directory DIR = Directory.of("/s");
    private static final int KEYS = 20;
    private static final int MISSED = 200;

    @Test
    void watchAndReadsThroughAMemberThatWasReplacedByASnapshotNeverGoBack() throws IOException {
        try (EtcdCluster cluster = EtcdCluster.start(
                EtcdBinary.underTest(),
                "--snapshot-count=10",
                EtcdBinary.underTest().graduated("snapshot-catchup-entries") + "=5")) {
            EtcdCluster.Member away = cluster.follower();
            // Those that stay: a write through the one that is killed would rightly be in doubt.
            String staying = cluster.members().stream()
                    .filter(member -> !member.equals(away))
                    .map(member -> String.valueOf(member.proxy().address()))
                    .collect(Collectors.joining(","));
            try (KvBackend writer = KvBackends.open("etcd://" + staying + "/snapshot?timeout=60s");
                    KvBackend through = KvBackends.open("etcd://" + away.proxy().address() + "/snapshot?timeout=60s")) {
                write(writer, 0, KEYS);
                Observer observer = new Observer();
                through.watch(DIR, WatchStart.snapshot(), observer);
                Await.until(() -> observer.signals().size() == 1);
                long seen = Await.result(through.list(DIR)).revision();
                away.kill();
                long last = write(writer, KEYS, MISSED);
                away.launch();
                away.awaitReady();
                while (seen < last) {
                    long revision = Await.result(through.list(DIR, ReadConsistency.SEQUENTIAL))
                            .revision();
                    assertThat(revision).as("the revision of a later read").isGreaterThanOrEqualTo(seen);
                    seen = revision;
                }
                Await.until(() -> observer.revision() >= last);
                Snapshot truth = Await.result(writer.list(DIR));
                List<KeyValue> read = Await.result(through.list(DIR)).entries();
                assertThat(read).isEqualTo(truth.entries());
                assertThat(observer.state().values()).containsExactlyElementsOf(truth.entries());
                assertThat(observer.breaches()).isEmpty();
            }
            assertThat(Files.readString(away.process().log()))
                    .as("what the member says about how it caught up")
                    .contains("applied snapshot");
        }
    }

    /** Puts and deletes, and returns the last revision. */
    private static long write(KvBackend writer, int from, int count) {
        long revision = 0;
        for (int i = from; i < from + count; i++) {
            Key key = DIR.key("k" + i % KEYS);
            Bytes value = Bytes.ofUtf8("v" + i);
            revision = revisionOf(() -> writer.put(key, value));
            if (i % 7 == 6) {
                revision = revisionOf(() -> writer.delete(key));
            }
        }
        return revision;
    }

    /** What is in doubt, since the two that are left have lost each other for a moment, may be done twice here. */
    private static long revisionOf(Supplier<CompletableFuture<Commit>> write) {
        for (int i = 0; i < 20; i++) {
            try {
                return Await.result(write.get()).revision();
            } catch (KvException e) {
                assertThat(e).isInstanceOf(UnavailableException.class);
            }
        }
        throw new AssertionError("The two that are left cannot write.");
    }
}
