package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.WatchStart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose word the end of a call is: etcd's, or that of something on the way whose codes gRPC translates into etcd's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswerTest {
    private static final int WRITES = 40;

    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest());
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    /** The codes that gRPC takes for RESOURCE_EXHAUSTED, PERMISSION_DENIED, CANCELLED, UNAVAILABLE and INTERNAL. */
    @ParameterizedTest
    @CsvSource({"GOAWAY, 11", "GOAWAY, 0", "RESET, 11", "RESET, 12", "RESET, 8", "RESET, 7", "RESET, 2"})
    void writesWhoseAnswerIsKeptBackAreInDoubtAndAppliedOnce(FrameRelay.End end, int code) {
        String prefix = "/answers/" + end + code;
        Directory dir = Directory.of("/d");
        try (FrameRelay relay = FrameRelay.to(server.port());
                KvBackend watching = KvBackends.open("etcd://" + server.address() + prefix + "?timeout=30s");
                KvBackend backend = KvBackends.open("etcd://" + relay.address() + prefix + "?timeout=30s")) {
            Observer observer = new Observer();
            watching.watch(dir, WatchStart.history(server.admin().revision()), observer);
            // So that the tables of both sides know every header that follows.
            for (int i = 0; i < 3; i++) {
                Await.result(backend.put(dir.key("warm"), Bytes.ofUtf8("" + i)));
            }
            relay.keepBack(end, code);
            List<CompletableFuture<Commit>> commits = new ArrayList<>();
            for (int i = 0; i < WRITES; i++) {
                commits.add(
                        i % 2 == 0
                                ? backend.put(dir.key("k" + i), Bytes.ofUtf8("v"))
                                : backend.create(dir.key("k" + i), Bytes.ofUtf8("v")));
            }
            // The first are applied by now, or will be.
            Await.until(() -> commits.stream().anyMatch(CompletableFuture::isDone));
            relay.pass();
            Map<String, KvException> failures = new HashMap<>();
            for (int i = 0; i < WRITES; i++) {
                String key = "k" + i;
                try {
                    Await.result(commits.get(i));
                } catch (KvException e) {
                    failures.put(key, e);
                }
            }
            Await.result(backend.put(dir.key("last"), Bytes.EMPTY));
            Await.until(() -> observer.state().containsKey(dir.key("last")));
            assertThat(failures).as("the write that was answered by no one").isNotEmpty();
            Map<String, Integer> applied = new HashMap<>();
            observer.signals()
                    .forEach(signal -> ((Changes) signal)
                            .changes()
                            .forEach(change -> applied.merge(change.key().name(), 1, Integer::sum)));
            for (int i = 0; i < WRITES; i++) {
                KvException failure = failures.get("k" + i);
                assertThat(applied.getOrDefault("k" + i, 0)).as("k" + i).isLessThanOrEqualTo(1);
                if (failure == null) {
                    assertThat(applied).containsEntry("k" + i, 1);
                } else if (failure.outcome() == Outcome.NOT_APPLIED) {
                    assertThat(applied).as(failure.getMessage()).doesNotContainKey("k" + i);
                }
            }
        }
    }
}
