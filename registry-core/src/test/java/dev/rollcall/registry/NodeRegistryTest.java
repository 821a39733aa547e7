package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.RevisionMismatchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NodeRegistryTest extends RegistryFixture {
    private final NodeRegistry<NodeStatus> registry = registry();

    @Test
    void nodeIsWrittenWhereTidbExpectsItAndReadBack() throws InterruptedException {
        long revision = registry.updateNode(PUMPS, "p:1", status("p:1"));
        assertThat(Futures.await(handle.get(key("pumps/p:1"))).value()).contains(NodeStatusJson.encode(status("p:1")));
        assertThat(registry.node(PUMPS, "p:1")).contains(unclaimed(status("p:1"), revision));
        assertThat(registry.node(PUMPS, "other")).isEmpty();
        assertThat(registry.node(NodeKinds.DRAINERS, "p:1")).isEmpty();
    }

    @Test
    void listHoldsOnlyTheKindAndNotItsNeighbours() throws InterruptedException {
        NodeRegistry<NodeStatus> neighbour = NodeRegistry.builder(handle, NodeCodec.tidbBinlog())
                .root(Directory.of("/tidb-binlog/v10"))
                .build();
        neighbour.updateNode(PUMPS, "far", status("far"));
        registry.updateNode("pumps2", "far", status("far"));
        registry.updateNode(PUMPS, "b", status("b"));
        long revision = registry.updateNode(PUMPS, "a", status("a"));
        NodeSet<NodeStatus> list = registry.nodes(PUMPS);
        assertThat(list.sorted()).extracting(Node::nodeId).containsExactly("a", "b");
        assertThat(list.revision()).isEqualTo(revision);
        assertThat(list.get("b")).isNotNull();
        assertThat(registry.nodes("none")).isEmpty();
        neighbour.close();
    }

    @Test
    void unreadableRecordsStandBesideTheGoodNodes() throws InterruptedException {
        registry.updateNode(PUMPS, "good", status("good"));
        put("pumps/bad", "{\"score\":1e9}");
        put("pumps/deep/er", "{}");
        long last = put("pumps/nil", "null");
        NodeSet<NodeStatus> list = registry.nodes(PUMPS);
        assertThat(list.sorted()).extracting(Node::nodeId).containsExactly("good");
        assertThat(list.unreadable())
                .extracting(UnreadableEntry::key)
                .containsExactly(key("pumps/bad"), key("pumps/deep/er"), key("pumps/nil"));
        assertThat(list.unreadable()).extracting(UnreadableEntry::size).containsExactly(13, 2, 4);
        assertThat(list.unreadable().get(2).revision()).isEqualTo(last);
        assertThatExceptionOfType(UnreadableNodeException.class)
                .isThrownBy(() -> registry.node(PUMPS, "bad"))
                .withMessageContaining("/tidb-binlog/v1/pumps/bad")
                .withMessageContaining("'score'");
        assertThatExceptionOfType(UnreadableNodeException.class)
                .isThrownBy(() -> registry.updateNode(PUMPS, "bad", status -> status));
    }

    @Test
    void codecThatThrowsMakesOneEntryUnreadable() throws InterruptedException {
        NodeCodec<String> codec = new NodeCodec<>() {
            @Override
            public Bytes encode(String value) {
                return bytes(value);
            }

            @Override
            public String decode(Bytes value) {
                if (value.utf8().startsWith("secret")) {
                    throw new IllegalStateException(value.utf8());
                }
                return value.utf8();
            }
        };
        put("pumps/a", "fine");
        put("pumps/b", "secret");
        try (NodeRegistry<String> typed =
                NodeRegistry.builder(handle, codec).root(ROOT).build()) {
            assertThat(typed.nodes(PUMPS)).extracting(Node::value).containsExactly("fine");
            assertThat(typed.nodes(PUMPS).unreadable())
                    .extracting(UnreadableEntry::reason)
                    .containsExactly("the codec failed with java.lang.IllegalStateException");
        }
    }

    @Test
    void recordsOfOnesOwnNeedARootOfTheirOwn() {
        assertThatIllegalStateException()
                .isThrownBy(() -> NodeRegistry.builder(handle, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
                        .build())
                .withMessageContaining("needs a root")
                .withMessageContaining("/tidb-binlog/v1");
        try (NodeRegistry<NodeStatus> tidb =
                NodeRegistry.builder(handle, NodeCodec.tidbBinlog()).build()) {
            assertThat(tidb.root()).isEqualTo(ROOT);
        }
    }

    @Test
    void concurrentChangesAreNeverLost() throws InterruptedException {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            NodeRegistry<NodeStatus> own = registry(store.open());
            writers.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 100; i++) {
                    try {
                        own.updateOrCreateNode(
                                PUMPS, "p", status("p").withScore(1), node -> node.withScore(node.score() + 1));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));
        }
        for (CompletableFuture<Void> writer : writers) {
            Futures.await(writer);
        }
        assertThat(registry.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(400);
    }

    @Test
    void changeOfAbsentNodeFails() {
        assertThatExceptionOfType(KeyNotFoundException.class)
                .isThrownBy(() -> registry.updateNode(PUMPS, "p", node -> node));
    }

    @Test
    void changeIsAppliedToWhatItReplaces() throws InterruptedException {
        registry.updateNode(PUMPS, "p", status("p"));
        AtomicInteger calls = new AtomicInteger();
        Node<NodeStatus> written = registry.updateNode(PUMPS, "p", node -> {
            if (calls.incrementAndGet() == 1) {
                handle.put(key("pumps/p"), NodeStatusJson.encode(node.withScore(10)))
                        .join();
            }
            return node.withUpdateTs(node.score() + 1);
        });
        assertThat(calls).hasValue(2);
        assertThat(written.value().updateTs()).isEqualTo(11);
        assertThat(registry.node(PUMPS, "p")).contains(written);
    }

    @Test
    void writeWithUnknownOutcomeIsThrownAndNotRepeated() throws InterruptedException {
        long before = registry.updateNode(PUMPS, "p", status("p"));
        store.loseNextAnswer(handle);
        assertThatExceptionOfType(KvException.class)
                .isThrownBy(() -> registry.updateNode(PUMPS, "p", node -> node.withScore(node.score() + 1)))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        assertThat(registry.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(1);
        assertThat(registry.node(PUMPS, "p").orElseThrow().revision()).isEqualTo(before + 1);
        store.dropNextRequest(handle);
        assertThatExceptionOfType(KvException.class)
                .isThrownBy(() -> registry.updateNode(PUMPS, "p", status("p")))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        assertThat(registry.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(1);
    }

    @Test
    void updateLeavesTheLeaseOfARecord() throws InterruptedException {
        Lease lease = Futures.await(handle.grantLease(Duration.ofSeconds(10)));
        Futures.await(handle.put(key("pumps/p"), NodeStatusJson.encode(status("p")), lease));
        registry.updateNode(PUMPS, "p", status("p").withScore(2));
        assertThat(registry.updateNode(PUMPS, "p", node -> node.withScore(3)).leased())
                .isTrue();
        assertThat(registry.node(PUMPS, "p").orElseThrow().leased()).isTrue();
    }

    @Test
    void removingIsIdempotentAndCanBeConditional() throws InterruptedException {
        long first = registry.updateNode(PUMPS, "p", status("p"));
        long second = registry.updateNode(PUMPS, "p", status("p"));
        assertThatExceptionOfType(RevisionMismatchException.class)
                .isThrownBy(() -> registry.removeNode(PUMPS, "p", first));
        assertThat(registry.removeNode(PUMPS, "p", second)).isTrue();
        assertThat(registry.removeNode(PUMPS, "p", second)).isFalse();
        registry.updateNode(PUMPS, "p", status("p"));
        assertThat(registry.removeNode(PUMPS, "p")).isTrue();
        assertThat(registry.removeNode(PUMPS, "p")).isFalse();
    }

    @Test
    void requestEndsAtItsTimeout() {
        store.cut(handle);
        CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(() -> {
            try {
                registry.nodes(PUMPS);
                throw new AssertionError("The store was away.");
            } catch (KvException | InterruptedException e) {
                return e;
            }
        });
        eventually(() -> assertThat(failure).isDone());
        assertThat(failure.join())
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
    }

    @Test
    void interruptedThreadStopsWaiting() {
        store.cut(handle);
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                registry.updateNode(PUMPS, "p", status("p"));
            } catch (KvException | InterruptedException e) {
                failure.complete(e);
            }
        });
        waiting.start();
        waiting.interrupt();
        assertThat(failure).succeedsWithin(Duration.ofSeconds(90)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void closedRegistryRefusesAndLeavesTheBackendOpen() throws InterruptedException {
        registry.close();
        registry.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> registry.nodes(PUMPS))
                .withMessage("The registry of '/tidb-binlog/v1' has been closed.");
        assertThatIllegalStateException().isThrownBy(() -> registry.view(PUMPS));
        Futures.await(handle.get(key("pumps/p")));
    }

    @Test
    void owningRegistryClosesItsBackendAndEndsItsThreads() throws InterruptedException {
        KvBackend own = store.open();
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        NodeRegistry<NodeStatus> owner = NodeRegistry.builder(own, NodeCodec.tidbBinlog())
                .ownsBackend(true)
                .build();
        CompletableFuture<Long> stored = owner.register(PUMPS, "p", status("p"), RegistrationMode.EPHEMERAL)
                .update(status("p").withScore(1));
        assertThat(stored).succeedsWithin(Duration.ofSeconds(90));
        owner.close();
        assertThat(own.connection().state()).isEqualTo(ConnectionState.CLOSED);
        eventually(() -> assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("rollcall-registry-"))
                .isSubsetOf(before));
    }
}
