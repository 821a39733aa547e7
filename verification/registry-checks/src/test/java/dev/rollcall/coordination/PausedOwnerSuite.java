package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.tck.server.ServerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/** An owner whose whole process stands still for longer than its ttl, and then goes on as if nothing had been. */
abstract class PausedOwnerSuite {
    /** An empty store on a real server. */
    abstract String newUrl();

    private static void eventually(ThrowingRunnable assertion) {
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofMinutes(4))
                .untilAsserted(assertion);
    }

    private static ServerProcess owner(String url) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                java,
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PausedOwner.class.getName(),
                url);
        Path log = Path.of("target", "servers", "owner-" + System.nanoTime() + ".log");
        return new ServerProcess("owner", command, Map.of(), log, () -> true);
    }

    private static List<KeyValue> log(KvBackend backend) throws InterruptedException {
        return Futures.await(backend.list(PausedOwner.LOG)).entries();
    }

    private static void write(LockHold hold, String name) throws InterruptedException {
        Futures.await(hold.commit(Txn.builder()
                .put(
                        PausedOwner.LOG.key(name),
                        Bytes.ofUtf8(Long.toString(hold.token().revision())))
                .build()));
    }

    @Test
    void ownerThatStoodStillIsRegisteredAgainAndPassesNoGuardedWrite() throws InterruptedException {
        String url = newUrl();
        try (KvBackend backend = KvBackends.open(url);
                NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
                DistributedLock lock = DistributedLock.open(
                        backend,
                        CoordinationFixture.QUEUE,
                        CoordinationOptions.defaults().withTtl(Duration.ofSeconds(60)));
                ServerProcess owner = owner(url).launch()) {
            NodeView<NodeStatus> pumps = registry.view(NodeKinds.PUMPS);
            eventually(() -> assertThat(pumps.get("p")).isNotNull().matches(Node::isAlive));
            eventually(() -> assertThat(log(backend)).hasSizeGreaterThan(3));
            CompletableFuture<LockHold> next = lock.acquire();
            int written = log(backend).size();
            eventually(() -> assertThat(log(backend)).hasSizeGreaterThan(written));

            owner.pause();
            eventually(() -> assertThat(pumps.get("p")).isNull());
            eventually(() -> assertThat(next).isCompleted());
            LockHold turn = next.join();
            write(turn, "next-1");

            owner.resume();
            eventually(() -> assertThat(
                            Futures.await(backend.keys(PausedOwner.REFUSED)).keys())
                    .isNotEmpty());
            eventually(() -> assertThat(pumps.get("p")).isNotNull().matches(Node::isAlive));
            assertThat(turn.isHeld()).isTrue();
            write(turn, "next-2");
            turn.release();

            List<Long> tokens = log(backend).stream()
                    .sorted(Comparator.comparingLong(KeyValue::revision))
                    .map(entry -> Long.parseLong(entry.value().utf8()))
                    .toList();
            assertThat(tokens)
                    .as("tokens in the order of the writes they guarded")
                    .isSorted();
            assertThat(tokens).endsWith(turn.token().revision(), turn.token().revision());
        }
    }
}
