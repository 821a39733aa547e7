package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Views that come and go beside a registration share its watch, and miss nothing, in each layout, on whatever store. */
abstract class SharedViewSuite extends RegistryFixture {
    private static final Directory FLEET = Directory.of("/fleet");

    private final CountingBackend counting = new CountingBackend(handle);

    private NodeRegistry<NodeStatus> registry(NodeLayout layout) {
        return NodeRegistry.builder(counting, NodeCodec.tidbBinlog())
                .root(FLEET)
                .layout(layout)
                .time(store.time())
                .build();
    }

    private void eventuallyDone(CompletableFuture<?> future) {
        eventually(() -> assertThat(future).isDone());
        assertThat(future).isCompleted();
    }

    @ParameterizedTest
    @EnumSource
    void viewsThatComeAndGoShareTheWatchOfARegistration(NodeLayout layout) throws InterruptedException {
        try (NodeRegistry<NodeStatus> registry = registry(layout)) {
            Registration<NodeStatus> registration =
                    registry.register(PUMPS, "p", status("p"), RegistrationMode.PERSISTENT);
            eventuallyDone(registration.registered());
            NodeView<NodeStatus> first = registry.view(PUMPS);
            eventuallyDone(first.ready());
            assertThat(first.get("p")).isNotNull().matches(Node::isAlive);
            for (int round = 0; round < 20; round++) {
                long score = round;
                NodeView<NodeStatus> view = registry.view(PUMPS);
                // While the view reads its state.
                long written = registry.updateNode(PUMPS, "q", status("q").withScore(score));
                eventuallyDone(view.ready());
                eventuallyDone(view.awaitRevision(written));
                assertThat(view.get("q"))
                        .isNotNull()
                        .matches(node -> node.value().score() == score);
                assertThat(view.get("p")).isNotNull().matches(Node::isAlive);
                long elsewhere = Futures.await(counting.put(Key.of("/elsewhere"), bytes("x")))
                        .revision();
                eventuallyDone(view.awaitRevision(elsewhere));
                assertThat(view.staleSince()).isEmpty();
                view.close();
            }
            assertThat(counting.watched).hasSize(1);
            eventuallyDone(first.awaitRevision(
                    Futures.await(registration.update(status("p").withScore(1)))));
            first.close();
            registration.close();
            eventually(() -> assertThat(counting.running).isEmpty());
        }
    }
}
