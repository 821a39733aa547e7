package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import dev.rollcall.tck.KitSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Views of one registry come and go, at random, under writes and faults: each state of each of them must be one that the store had. */
class SharedViewReplayTest extends RegistryFixture {
    private static final int STEPS = 600;
    private static final int MOST_VIEWS = 4;

    private final KvBackend follower = store.open();
    private final Breaking breaking = new Breaking(follower);
    private final Map<Long, Map<String, Long>> history = new HashMap<>();
    private final List<NodeView<NodeStatus>> views = new ArrayList<>();

    private NodeRegistry<NodeStatus> open(KvBackend on, NodeLayout layout) {
        return NodeRegistry.builder(on, NodeCodec.tidbBinlog())
                .root(ROOT)
                .layout(layout)
                .time(store.time())
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "TIDB_BINLOG, 1",
        "TIDB_BINLOG, 2",
        "TIDB_BINLOG, 3",
        "TIDB_BINLOG, 4",
        "BY_KIND, 1",
        "BY_KIND, 2",
        "BY_KIND, 3",
        "BY_KIND, 4"
    })
    void everyCutOfEveryViewWasAStateOfTheStore(NodeLayout layout, int run) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("shared views " + layout + " " + run);
        history.put(0L, Map.of());
        try (NodeRegistry<NodeStatus> following = open(breaking, layout);
                NodeRegistry<NodeStatus> writing = open(handle, layout)) {
            long last = 0;
            for (int i = 0; i < STEPS; i++) {
                write(writing, layout, random, i);
                NodeSet<NodeStatus> list = writing.nodes(PUMPS);
                last = list.revision();
                history.put(last, observe(list));
                disturb(following, random, last);
                views.forEach(this::assertStateOfTheStore);
            }
            store.heal(follower);
            views.add(following.view(PUMPS));
            Map<String, Long> end = history.getOrDefault(last, Map.of());
            for (NodeView<NodeStatus> view : views) {
                eventually(() -> {
                    assertThat(observe(view.nodes())).isEqualTo(end);
                    assertThat(view.staleSince()).isEmpty();
                });
                assertStateOfTheStore(view);
                view.close();
            }
            eventually(() -> assertThat(breaking.running()).isZero());
        }
    }

    private void assertStateOfTheStore(NodeView<NodeStatus> view) {
        NodeSet<NodeStatus> cut = view.nodes();
        assertThat(observe(cut)).as("at revision " + cut.revision()).isEqualTo(history.get(cut.revision()));
    }

    private void write(NodeRegistry<NodeStatus> writing, NodeLayout layout, Random random, int i)
            throws InterruptedException {
        String nodeId = "n" + random.nextInt(12);
        String records = layout == NodeLayout.BY_KIND ? "pumps/nodes/" : "pumps/";
        switch (random.nextInt(8)) {
            case 0, 1 -> writing.removeNode(PUMPS, nodeId);
            case 2 -> writing.updateNode(NodeKinds.DRAINERS, nodeId, status(nodeId));
            case 3 -> put(records + nodeId, "unreadable " + i);
            case 4 -> Futures.await(handle.put(Directory.of("/elsewhere").key(nodeId), bytes("x")));
            default -> writing.updateNode(PUMPS, nodeId, status(nodeId).withScore(i));
        }
    }

    private void disturb(NodeRegistry<NodeStatus> following, Random random, long last) {
        switch (random.nextInt(14)) {
            case 0 -> store.cut(follower);
            case 1, 2 -> store.heal(follower);
            case 3 -> store.compact();
            case 4 -> views.forEach(view -> view.awaitRevision(last));
            case 5 -> store.advance(Duration.ofMillis(random.nextInt(200)));
            case 6 -> breaking.end();
            case 7, 8 -> {
                if (views.size() < MOST_VIEWS) {
                    views.add(following.view(PUMPS));
                }
            }
            case 9 -> {
                if (!views.isEmpty()) {
                    views.remove(random.nextInt(views.size())).close();
                }
            }
            default -> {}
        }
    }

    private static Map<String, Long> observe(Iterable<Node<NodeStatus>> nodes) {
        Map<String, Long> seen = new HashMap<>();
        nodes.forEach(node -> seen.put(node.nodeId(), node.revision()));
        return seen;
    }

    /** Ends the watches that run whenever it is told to. */
    private static final class Breaking extends ForwardingBackend {
        private final List<Breakable> running = new CopyOnWriteArrayList<>();

        Breaking(KvBackend real) {
            super(real);
        }

        int running() {
            return running.size();
        }

        void end() {
            List<Breakable> ending = List.copyOf(running);
            ending.forEach(Breakable::breakOff);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            Breakable breakable = new Breakable(directory, listener);
            running.add(breakable);
            breakable.real = super.watch(directory, start, breakable);
            return breakable;
        }

        private final class Breakable implements WatchListener, Watch {
            private final Directory directory;
            private final WatchListener listener;
            private volatile @Nullable Watch real;
            private boolean over;

            Breakable(Directory directory, WatchListener listener) {
                this.directory = directory;
                this.listener = listener;
            }

            void breakOff() {
                close();
                onEnd(new UnavailableException(
                        new KvException.Context("x", "watch", directory.path()),
                        Outcome.NOT_APPLIED,
                        "on purpose",
                        null));
            }

            @Override
            public synchronized void onSignal(WatchSignal signal) {
                if (!over) {
                    listener.onSignal(signal);
                }
            }

            @Override
            public synchronized void onEnd(@Nullable KvException cause) {
                running.remove(this);
                if (!over && cause != null) {
                    over = true;
                    listener.onEnd(cause);
                }
            }

            @Override
            public Directory directory() {
                return directory;
            }

            @Override
            public void close() {
                running.remove(this);
                Watch closing = real;
                if (closing != null) {
                    closing.close();
                }
            }
        }
    }
}
