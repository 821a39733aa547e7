package dev.rollcall.registry;

import static dev.rollcall.registry.NodeKinds.DRAINERS;
import static dev.rollcall.registry.NodeKinds.PUMPS;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.etcd.EtcdStores;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Lease;
import dev.rollcall.registry.Liveness.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** TiDB Binlog's registry in Go and ours on one etcd, below both roots that it has in the field. */
class EtcdBesideTidbTest {
    private static final int RAISES = 200;
    private static final int CALLERS = 2;
    private static final int CALLS = 30;

    /** Where TiDB's registry keeps its nodes, and how ours says that. */
    enum Root {
        ABSOLUTE("/tidb-binlog/v1", "", "/tidb-binlog/v1"),
        /** Without a slash, as some deployments have it: other keys. */
        RELATIVE("tidb-binlog/v1", "?prefix=tidb-binlog", "/v1");

        private final String inGo;
        private final String options;
        private final String inOurs;

        Root(String inGo, String options, String inOurs) {
            this.inGo = inGo;
            this.options = options;
            this.inOurs = inOurs;
        }
    }

    private @Nullable NodeRegistry<NodeStatus> opened;
    private @Nullable TidbInGo started;

    private NodeRegistry<NodeStatus> ours(Root root) throws InterruptedException {
        Directory directory = Directory.of(root.inOurs);
        NodeRegistry<NodeStatus> registry = NodeRegistry.builder(
                        KvBackends.open("etcd://" + address() + root.options), NodeCodec.tidbBinlog())
                .root(directory)
                .requestTimeout(Duration.ofSeconds(60))
                .ownsBackend(true)
                .build();
        opened = registry;
        // What the test before has left.
        for (KeyValue left : Futures.await(registry.backend().list(directory)).entries()) {
            Futures.await(registry.backend().delete(left.key()));
        }
        return registry;
    }

    private static String address() {
        return URI.create(EtcdStores.newUrl()).getAuthority();
    }

    private TidbInGo go(String name, NodeRegistry<NodeStatus> ours, Root root) throws IOException {
        TidbInGo go = new TidbInGo(name, ours, address(), root.inGo);
        started = go;
        return go;
    }

    @AfterEach
    void close() throws IOException {
        if (started != null) {
            started.close();
        }
        if (opened != null) {
            opened.close();
        }
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(assertion);
    }

    /** What TiDB's registry writes: every state, forms of labels, the ends of the integers, characters of all kinds. */
    private static List<String> vectors() throws IOException {
        try (InputStream in = NodeStatusJsonTest.class.getResourceAsStream("/tidb-binlog/written-by-go.jsonl")) {
            assertThat(in).isNotNull();
            // Ids with a character of two halves, or none, are no keys of ours.
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .map(line -> line.replace("🚀", "").replace("bad-utf8-\\ufffd", "no-text"))
                    .toList();
        }
    }

    private static String held(NodeRegistry<NodeStatus> ours, String path) throws InterruptedException {
        return Futures.await(ours.backend().get(ours.root().key(path)))
                .entry()
                .orElseThrow()
                .value()
                .utf8();
    }

    @ParameterizedTest
    @EnumSource
    void eachReadsWhatTheOtherWrites(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(root);
        TidbInGo go = go("each-reads-the-other", ours, root);
        List<NodeStatus> all = new ArrayList<>();
        for (String vector : vectors()) {
            NodeStatus status = NodeCodec.tidbBinlog().decode(Bytes.ofUtf8(vector));
            assertThat(status).isNotNull();
            all.add(status);
            go.update(PUMPS, vector);
            String written = held(ours, "pumps/" + status.nodeId());
            assertThat(written).isEqualTo(vector);
            Node<NodeStatus> node = ours.node(PUMPS, status.nodeId()).orElseThrow();
            assertThat(node.value()).isEqualTo(status);
            NodeState state = status.state();
            boolean alive = state == NodeState.ONLINE || state == NodeState.PAUSING || state == NodeState.CLOSING;
            assertThat(node.liveness()).isEqualTo(new Liveness(alive, Reason.UNCLAIMED));
            assertThat(node.isUsable()).isEqualTo(state == NodeState.ONLINE);
            ours.updateNode(DRAINERS, status.nodeId(), status);
            assertThat(held(ours, "drainers/" + status.nodeId())).isEqualTo(written);
            assertThat(go.node(DRAINERS, status.nodeId())).isEqualTo(status);
        }
        assertThat(go.nodes(DRAINERS)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(ours.nodes(PUMPS)).extracting(Node::value).containsExactlyInAnyOrderElementsOf(all);
    }

    @ParameterizedTest
    @EnumSource
    void statesAndLivenessAgree(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(root);
        TidbInGo go = go("states-agree", ours, root);
        NodeView<NodeStatus> view = ours.view(PUMPS);
        NodeStatus p = NodeStatus.builder("p", "h:8250").build();
        Registration<NodeStatus> registration = ours.register(PUMPS, "p", p, PERSISTENT);
        registration.awaitRegistered(Duration.ofSeconds(60));
        agreed(view, go, true, Reason.CLAIMED, NodeState.ONLINE);
        Futures.await(registration.pause());
        agreed(view, go, true, Reason.CLAIMED, NodeState.PAUSING);
        registration.close();
        agreed(view, go, false, Reason.OWNER_GONE, NodeState.PAUSED);
        // A process in Go takes the id over, and stops.
        go.update(PUMPS, json(p));
        agreed(view, go, true, Reason.WRITTEN_SINCE, NodeState.ONLINE);
        go.update(PUMPS, json(p.withState(NodeState.PAUSED)));
        agreed(view, go, false, Reason.WRITTEN_SINCE, NodeState.PAUSED);
        // And back; a record of a live registration that is written over is written again.
        Registration<NodeStatus> again = ours.register(PUMPS, "p", p.withScore(7), PERSISTENT);
        again.awaitRegistered(Duration.ofSeconds(60));
        agreed(view, go, true, Reason.CLAIMED, NodeState.ONLINE);
        Futures.await(again.drain());
        agreed(view, go, true, Reason.CLAIMED, NodeState.CLOSING);
        again.close();
        agreed(view, go, false, Reason.OWNER_GONE, NodeState.OFFLINE);
        assertThat(go.node(PUMPS, "p").score()).isEqualTo(7);
    }

    private static String json(NodeStatus status) {
        return NodeCodec.tidbBinlog().encode(status).utf8();
    }

    /** The view says so, and to Go it has this state. */
    private static void agreed(NodeView<NodeStatus> view, TidbInGo go, boolean alive, Reason reason, NodeState state) {
        eventually(() -> {
            Node<NodeStatus> member = view.get("p");
            assertThat(member).isNotNull();
            assertThat(member.liveness()).isEqualTo(new Liveness(alive, reason));
            assertThat(member.value().state()).isEqualTo(state);
        });
        assertThat(go.node(PUMPS, "p").state()).isEqualTo(state);
        assertThat(go.node(PUMPS, "p").isAlive()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void putOfGoDetachesALease(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(root);
        TidbInGo go = go("lease-detached", ours, root);
        NodeStatus p = NodeStatus.builder("p", "h:8250").build();
        Key key = ours.root().key("pumps/p");
        Lease lease = Futures.await(ours.backend().grantLease(Duration.ofSeconds(60)));
        Futures.await(ours.backend().put(key, NodeCodec.tidbBinlog().encode(p), lease));
        assertThat(ours.node(PUMPS, "p").orElseThrow().liveness().reason()).isEqualTo(Reason.LEASED);
        go.update(PUMPS, json(p.withScore(1)));
        assertThat(ours.node(PUMPS, "p").orElseThrow().liveness()).isEqualTo(new Liveness(true, Reason.UNCLAIMED));
        Futures.await(lease.revoke());
        assertThat(ours.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void watchesSeeBoth(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(root);
        TidbInGo go = go("watches-see-both", ours, root);
        NodeView<NodeStatus> view = ours.view(PUMPS);
        go.watch(PUMPS);
        List<String> written = new ArrayList<>();
        for (NodeState state : List.of(NodeState.ONLINE, NodeState.PAUSING, NodeState.PAUSED)) {
            NodeStatus ourNode = NodeStatus.builder("ours", "<h>").state(state).build();
            ours.updateNode(PUMPS, "ours", ourNode);
            written.add("PUT pumps/ours " + json(ourNode));
            NodeStatus itsNode = NodeStatus.builder("go", "<h>").state(state).build();
            go.update(PUMPS, json(itsNode));
            written.add("PUT pumps/go " + json(itsNode));
        }
        ours.removeNode(PUMPS, "go");
        written.add("DELETE pumps/go ");
        assertThat(go.events(PUMPS, written.size())).isEqualTo(written);
        eventually(() -> assertThat(view.nodes())
                .extracting(member -> member.nodeId() + " " + member.value().stateText())
                .containsExactly("ours paused"));
    }

    @ParameterizedTest
    @EnumSource
    void idsOfKeysAreTheSameWithoutALeadingSlash(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(Root.ABSOLUTE);
        TidbInGo go = go("ids-of-keys", ours, root);
        for (String key : List.of("tidb-binlog/v1/pumps/a", "tidb-binlog/pumps/a", "tidb-binlog/v1/drainers/b:8249")) {
            assertThat(go.analyze(key)).isEqualTo(ours.nodeIdOf(key)).isEqualTo(ours.nodeIdOf("/" + key));
        }
        // Of its own keys with a slash it tells another segment.
        assertThat(go.analyze("/tidb-binlog/v1/pumps/a")).isEqualTo("v1");
    }

    /** Of two who write one record all the time, ours loses nothing that the other wrote; the other compares nothing. */
    @ParameterizedTest
    @EnumSource
    void oursLosesNothingThatGoWroteWhileBothWriteFlatOut(Root root) throws IOException, InterruptedException {
        NodeRegistry<NodeStatus> ours = ours(root);
        TidbInGo go = go("flat-out", ours, root);
        NodeView<NodeStatus> view = ours.view(PUMPS);
        NodeStatus p = NodeStatus.builder("p", "h:8250").build();
        go.update(PUMPS, json(p));
        long first = ours.node(PUMPS, "p").orElseThrow().revision();
        SortedMap<Long, NodeStatus> written = new ConcurrentSkipListMap<>();
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(CompletableFuture.runAsync(() -> count(ours, written), task -> new Thread(task).start()));
        }
        go.raise(PUMPS, "p", RAISES);
        callers.forEach(CompletableFuture::join);
        SortedMap<Long, NodeStatus> history = go.history(PUMPS, "p");
        history.putAll(written);
        history.put(first, p);
        assertThat(history).hasSize(1 + RAISES + CALLERS * CALLS);
        int lost = judge(history, written);
        LoggerFactory.getLogger(EtcdBesideTidbTest.class)
                .info("{} of {} writes in Go put an older score back.", lost, RAISES);
        Futures.await(view.awaitRevision(history.lastKey()));
        assertThat(view.get("p")).isNotNull().extracting(Node::value).isEqualTo(history.get(history.lastKey()));
    }

    private static void count(NodeRegistry<NodeStatus> ours, Map<Long, NodeStatus> written) {
        for (int i = 0; i < CALLS; i++) {
            try {
                Node<NodeStatus> node = ours.updateNode(PUMPS, "p", status -> status.withScore(status.score() + 1));
                written.put(node.revision(), node.value());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** How often Go has overwritten a score of ours. */
    private static int judge(SortedMap<Long, NodeStatus> history, SortedMap<Long, NodeStatus> written) {
        NodeStatus before = null;
        long raised = 0;
        int lost = 0;
        for (Map.Entry<Long, NodeStatus> write : history.entrySet()) {
            NodeStatus after = write.getValue();
            if (before == null) {
                assertThat(after.score()).isZero();
            } else if (written.containsKey(write.getKey())) {
                assertThat(after).as("at revision %d", write.getKey()).isEqualTo(before.withScore(before.score() + 1));
            } else {
                assertThat(after.maxCommitTs()).isEqualTo(++raised);
                lost += after.score() < before.score() ? 1 : 0;
            }
            before = after;
        }
        return lost;
    }
}
