package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.KitSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random writes and faults: each state of a view must be one that the store had, and the updates of a listener must add up to the last. */
class ViewReplayTest extends RegistryFixture {
    private final KvBackend follower = store.open();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyCutWasAStateOfTheStore(int run) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("view " + run);
        NodeView<NodeStatus> view = registry(follower).view(PUMPS);
        Map<Long, Map<String, Long>> history = new ConcurrentHashMap<>();
        history.put(0L, Map.of());
        Map<String, Node<NodeStatus>> replayed = new ConcurrentHashMap<>();
        CopyOnWriteArrayList<String> wrong = new CopyOnWriteArrayList<>();
        view.listen(update -> update.changes().forEach(change -> {
            Node<NodeStatus> before = change.after() == null
                    ? replayed.remove(change.nodeId())
                    : replayed.put(change.nodeId(), change.after());
            if (!Node.isSame(before, change.before())) {
                wrong.add(change + " after " + before);
            }
        }));
        NodeRegistry<NodeStatus> writing = registry();
        long last = 0;
        for (int i = 0; i < 400; i++) {
            write(writing, random, i);
            NodeSet<NodeStatus> list = writing.nodes(PUMPS);
            last = list.revision();
            history.put(last, observe(list));
            disturb(view, random, last);
            NodeSet<NodeStatus> cut = view.nodes();
            assertThat(observe(cut)).as("at revision " + cut.revision()).isEqualTo(history.get(cut.revision()));
        }
        store.heal(follower);
        long end = last;
        eventually(() -> assertThat(view.revision()).isGreaterThanOrEqualTo(end));
        assertThat(observe(view.nodes())).isEqualTo(history.get(end));
        eventually(() ->
                assertThat(replayed.keySet()).isEqualTo(observe(view.nodes()).keySet()));
        assertThat(wrong).isEmpty();
    }

    private void write(NodeRegistry<NodeStatus> writing, Random random, int i) throws InterruptedException {
        String nodeId = "n" + random.nextInt(12);
        switch (random.nextInt(7)) {
            case 0 -> writing.removeNode(PUMPS, nodeId);
            case 3 -> put("drainers/" + nodeId, "{}");
            case 1 -> put("pumps/" + nodeId, "unreadable " + i);
            case 2 -> put("pumps/" + nodeId + "/deep", "{}");
            default -> writing.updateNode(PUMPS, nodeId, status(nodeId).withScore(i));
        }
    }

    private void disturb(NodeView<NodeStatus> view, Random random, long last) {
        switch (random.nextInt(12)) {
            case 0 -> store.cut(follower);
            case 1, 2 -> store.heal(follower);
            case 3 -> store.compact();
            case 4 -> view.awaitRevision(last);
            case 5 -> store.advance(Duration.ofMillis(random.nextInt(200)));
            default -> {}
        }
    }

    private static Map<String, Long> observe(NodeSet<NodeStatus> nodes) {
        Map<String, Long> seen = new ConcurrentHashMap<>();
        nodes.forEach(node -> seen.put(node.nodeId(), node.revision()));
        assertThat(nodes.size()).isEqualTo(seen.size());
        return seen;
    }
}
