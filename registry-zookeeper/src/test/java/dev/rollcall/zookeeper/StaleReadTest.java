package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A leader is paused until the others have elected another, and comes back without knowing: nobody may read from it what is past. */
class StaleReadTest {
    private static ZooKeeperServers servers;

    @BeforeAll
    static void start() {
        servers = ZooKeeperServers.ensemble();
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void deposedLeaderAnswersNoLinearizableReadWithWhatIsPast() {
        Key key = Key.of("/k");
        int answered = 0;
        for (int round = 0; round < 3; round++) {
            ZooKeeperServer old = servers.leader();
            String others = servers.members().stream()
                    .filter(member -> member != old)
                    .map(ZooKeeperServer::address)
                    .collect(Collectors.joining(","));
            try (KvBackend reader =
                            KvBackends.open("zookeeper://" + old.address() + "/stale?timeout=60s&sessionTimeout=50s");
                    KvBackend writer =
                            KvBackends.open("zookeeper://" + others + "/stale?timeout=20s&sessionTimeout=4s")) {
                result(reader.put(key, text("old " + round)));
                result(writer.get(key));
                old.process().pause();
                long written = write(writer, key, "new " + round);
                List<CompletableFuture<GetResult>> reads = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    reads.add(reader.get(key));
                }
                old.process().resume();
                for (CompletableFuture<GetResult> read : reads) {
                    try {
                        assertThat(result(read).entryOrNull()).isNotNull();
                        assertThat(result(read).revision()).isGreaterThanOrEqualTo(written);
                        assertThat(result(read).value().orElseThrow().utf8()).isEqualTo("new " + round);
                        answered++;
                    } catch (KvException e) {
                        // To have no answer is allowed.
                        assertThat(e.isRetryable()).isTrue();
                    }
                }
            }
        }
        assertThat(answered).as("reads that were answered").isPositive();
    }

    /** Until the others have a leader, nothing is written; what fails meanwhile may be written twice here. */
    private static long write(KvBackend writer, Key key, String value) {
        for (int i = 0; i < 20; i++) {
            try {
                return result(writer.put(key, text(value))).revision();
            } catch (KvException e) {
                assertThat(e.operation()).isEqualTo("put");
            }
        }
        throw new AssertionError("The others elected no leader.");
    }
}
