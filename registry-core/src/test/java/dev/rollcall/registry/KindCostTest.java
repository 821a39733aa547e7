package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** With a directory for each kind, what follows one of them costs what that one costs. */
class KindCostTest extends RegistryFixture {
    private static final int NEIGHBOURS = 20_000;
    private static final int IN_A_TXN = 50;
    private static final Directory FLEET = Directory.of("/fleet");

    private final CountingBackend counting = new CountingBackend(handle);
    private final NodeRegistry<String> registry = fleet(counting);
    private final NodeRegistry<String> writing = fleet(handle);

    private NodeRegistry<String> fleet(KvBackend on) {
        return NodeRegistry.builder(on, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
                .root(FLEET)
                .layout(NodeLayout.BY_KIND)
                .time(store.time())
                .build();
    }

    private NodeView<String> filled(NodeView<String> view) {
        eventually(() -> assertThat(view.ready()).isCompleted());
        return view;
    }

    private void fillNextDoor() throws InterruptedException {
        List<CompletableFuture<Commit>> writes = new ArrayList<>();
        for (int i = 0; i < NEIGHBOURS; i += IN_A_TXN) {
            Txn.Builder txn = Txn.builder();
            for (int j = i; j < i + IN_A_TXN; j++) {
                txn.put(FLEET.key("sensors/nodes/s-" + j), bytes("s"));
            }
            writes.add(handle.commit(txn.build()));
        }
        for (CompletableFuture<Commit> write : writes) {
            Futures.await(write);
        }
    }

    @Test
    void viewOfOneNodeBesideTwentyThousandIsDeliveredOne() throws InterruptedException {
        fillNextDoor();
        writing.updateNode("builders", "b", "1");
        NodeView<String> view = filled(registry.view("builders"));
        assertThat(counting.delivered).containsExactly(FLEET.key("builders/nodes/b"));
        for (int i = 0; i < 1_000; i++) {
            writing.updateNode("sensors", "s-" + i, "changed");
        }
        long last = writing.updateNode("builders", "b", "2");
        eventually(() -> assertThat(view.revision()).isEqualTo(last));
        assertThat(counting.delivered).containsExactly(FLEET.key("builders/nodes/b"), FLEET.key("builders/nodes/b"));
        assertThat(counting.listed).isEmpty();
        assertThat(writing.nodes("builders")).hasSize(1);
    }

    @Test
    void twoViewsAndARegistrationOfAKindAreOneWatch() {
        NodeView<String> first = filled(registry.view("builders"));
        NodeView<String> second = filled(registry.view("builders"));
        Registration<String> registration = registry.register("builders", "b", "1", PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        eventually(() -> assertThat(second.get("b")).isNotNull().matches(Node::isAlive));
        eventually(() -> assertThat(first.get("b")).isNotNull().matches(Node::isAlive));
        assertThat(counting.watched).containsExactly(FLEET.directory("builders"));
        filled(registry.view("sensors"));
        assertThat(counting.watched).containsExactly(FLEET.directory("builders"), FLEET.directory("sensors"));
        first.close();
        second.close();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(registration::close);
        eventually(() -> assertThat(closed).isCompleted());
        eventually(() -> assertThat(counting.running).hasSize(1));
    }

    @Test
    void awaitedRevisionFromElsewhereListsTheKind() throws InterruptedException {
        writing.updateNode("builders", "b", "1");
        writing.updateNode("sensors", "s", "1");
        NodeView<String> view = filled(registry.view("builders"));
        long elsewhere =
                Futures.await(handle.put(Key.of("/elsewhere"), bytes("x"))).revision();
        CompletableFuture<Void> reached = view.awaitRevision(elsewhere);
        eventually(() -> assertThat(reached).isCompleted());
        assertThat(view.revision()).isGreaterThanOrEqualTo(elsewhere);
        assertThat(counting.listed).containsExactly(FLEET.key("builders/nodes/b"));
    }

    @Test
    void nodesOfAKindAreOneCut() throws InterruptedException {
        Registration<String> registration = writing.register("builders", "kept", "1", PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        writing.updateNode("builders", "plain", "2");
        Futures.await(handle.put(FLEET.key("builders/nodes/de/ep"), bytes("x")));
        NodeSet<String> all = registry.nodes("builders");
        assertThat(all.sorted())
                .extracting(node -> node.nodeId() + " " + node.liveness().reason())
                .containsExactly("kept CLAIMED", "plain UNCLAIMED");
        assertThat(all.unreadable())
                .extracting(UnreadableEntry::key)
                .containsExactly(FLEET.key("builders/nodes/de/ep"));
        assertThat(counting.listed)
                .containsExactlyInAnyOrder(
                        FLEET.key("builders/nodes/kept"),
                        FLEET.key("builders/nodes/plain"),
                        FLEET.key("builders/nodes/de/ep"),
                        FLEET.key("builders/alive/kept"),
                        FLEET.key("builders/kept/kept"));
        assertThat(registry.node("builders", "kept")).isPresent();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(registration::close);
        eventually(() -> assertThat(closed).isCompleted());
        assertThat(registry.node("builders", "kept").orElseThrow().liveness().reason())
                .isEqualTo(Liveness.Reason.OWNER_GONE);
        assertThat(registry.removeNode("builders", "kept")).isTrue();
        assertThat(Futures.await(handle.list(FLEET.directory("builders"))).size())
                .isEqualTo(2);
    }
}
