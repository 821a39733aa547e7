package dev.rollcall.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeState;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViewMetersTest {
    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();
    private final InMemoryBackend backend = store.open();
    private final NodeRegistry<NodeStatus> registry =
            NodeRegistry.builder(backend, NodeCodec.tidbBinlog()).time(time).build();
    private final NodeView<NodeStatus> view = registry.view(NodeKinds.PUMPS);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        registry.close();
        backend.close();
    }

    private double gauge(String name) {
        return meters.get("rollcall.view." + name)
                .tags("kind", "pumps", "store", "a")
                .gauge()
                .value();
    }

    private double changes(String type) {
        return meters.get("rollcall.view.changes").tag("type", type).counter().count();
    }

    private static NodeStatus status(String id, boolean alive) {
        return NodeStatus.builder(id, id + ":8250")
                .state(alive ? NodeState.ONLINE : NodeState.PAUSED)
                .build();
    }

    @Test
    void sizeAgeAndChangesAreShown() throws InterruptedException {
        Futures.await(view.ready());
        ViewMeters.of(view, Tags.of("store", "a")).bindTo(meters);
        registry.updateNode(NodeKinds.PUMPS, "a", status("a", true));
        registry.updateNode(NodeKinds.PUMPS, "b", status("b", false));
        Futures.await(backend.put(Key.of("/tidb-binlog/v1/pumps/c"), Bytes.ofUtf8("no JSON")));
        registry.updateNode(NodeKinds.PUMPS, "b", status("b", false).withScore(1));
        registry.updateNode(NodeKinds.PUMPS, "d", status("d", true));
        Futures.await(view.awaitRevision(store.revision()));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(changes("joined")).isEqualTo(3));
        registry.removeNode(NodeKinds.PUMPS, "d");
        Futures.await(view.awaitRevision(store.revision()));
        assertThat(gauge("nodes")).isEqualTo(2);
        assertThat(gauge("alive")).isEqualTo(1);
        assertThat(gauge("unreadable")).isEqualTo(1);
        assertThat(gauge("revision")).isEqualTo(store.revision());
        assertThat(gauge("protected")).isZero();
        assertThat(gauge("stale")).isZero();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(changes("left")).isEqualTo(1));
        assertThat(meters.get("rollcall.view.resyncs").counter().count()).isEqualTo(1);

        backend.faults().disconnect();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(gauge("stale")).isEqualTo(1));
        time.advance(Duration.ofSeconds(90));
        assertThat(meters.get("rollcall.view.age").timeGauge().value(TimeUnit.SECONDS))
                .isEqualTo(90);
        assertThat(gauge("nodes")).isEqualTo(2);
    }

    @Test
    void closedMetersGoAndThoseOfAnotherViewTakeTheirPlace() throws InterruptedException {
        Futures.await(view.ready());
        ViewMeters first = ViewMeters.of(view, Tags.of("store", "a"));
        first.bindTo(meters);
        assertThatThrownBy(() -> first.bindTo(meters)).hasMessageContaining("registered already");
        view.close();
        first.close();
        first.close();
        assertThat(meters.getMeters()).isEmpty();

        registry.updateNode(NodeKinds.PUMPS, "a", status("a", true));
        NodeView<NodeStatus> second = registry.view(NodeKinds.PUMPS);
        Futures.await(second.ready());
        ViewMeters.of(second, Tags.of("store", "a")).bindTo(meters);
        assertThat(gauge("nodes")).isEqualTo(1);
        assertThat(gauge("stale")).isZero();
    }
}
