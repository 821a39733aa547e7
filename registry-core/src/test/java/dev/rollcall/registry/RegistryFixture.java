package dev.rollcall.registry;

import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;

/** A store, registries on handles of their own, and waiting while time passes. */
class RegistryFixture {
    static final Directory ROOT = Directory.of("/tidb-binlog/v1");
    static final String PUMPS = NodeKinds.PUMPS;

    final RegistryStore store = openStore();
    final KvBackend handle = store.open();
    private final List<NodeRegistry<?>> registries = new ArrayList<>();

    RegistryStore openStore() {
        return new InMemoryRegistryStore();
    }

    @AfterEach
    void closeAll() {
        // The handles first: then nothing that a registry waits for on closing depends on time.
        store.close();
        registries.forEach(NodeRegistry::close);
    }

    NodeRegistry<NodeStatus> registry() {
        return registry(handle);
    }

    NodeRegistry<NodeStatus> registry(KvBackend on) {
        NodeRegistry<NodeStatus> registry = NodeRegistry.builder(on, NodeCodec.tidbBinlog())
                .time(store.time())
                .build();
        registries.add(registry);
        return registry;
    }

    static NodeStatus status(String nodeId) {
        return NodeStatus.builder(nodeId, nodeId + ":8250").alive(true).build();
    }

    /** A node that nobody claims, judged by its record. */
    static Node<NodeStatus> unclaimed(NodeStatus status, long revision) {
        return new Node<>(
                PUMPS,
                status.nodeId(),
                status,
                revision,
                false,
                new Liveness(true, Liveness.Reason.UNCLAIMED),
                status.state() == NodeState.ONLINE);
    }

    static Key key(String path) {
        return ROOT.key(path);
    }

    static Bytes bytes(String text) {
        return Bytes.ofUtf8(text);
    }

    long put(String path, String value) throws InterruptedException {
        return Futures.await(handle.put(key(path), bytes(value))).revision();
    }

    /** Waits, in real time and in the store's, for what comes on other threads; a store that has not answered has not said yet. */
    void eventually(ThrowingRunnable assertion) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    store.advance(Duration.ofMillis(10));
                    try {
                        assertion.run();
                    } catch (UnavailableException | DeadlineExceededException e) {
                        throw new AssertionError("The store has not answered.", e);
                    }
                });
    }
}
