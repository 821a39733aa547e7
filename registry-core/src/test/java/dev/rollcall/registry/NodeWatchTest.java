package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodeWatchTest extends RegistryFixture {
    private final NodeRegistry<NodeStatus> registry = registry();
    private final Recorder recorder = new Recorder();

    private static final class Recorder implements NodeWatchListener<NodeStatus> {
        final List<NodeSignal<NodeStatus>> signals = new CopyOnWriteArrayList<>();
        final CompletableFuture<@Nullable KvException> end = new CompletableFuture<>();

        @Override
        public void onNodes(NodeSignal<NodeStatus> signal) {
            signals.add(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            end.complete(cause);
        }

        List<NodeEvent<NodeStatus>> events() {
            return signals.stream().flatMap(signal -> signal.events().stream()).toList();
        }
    }

    @Test
    void watchFromSnapshotStartsWithWhatIsThere() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        put("pumps/b", "?");
        registry.watchNodes(PUMPS, WatchStart.snapshot(), recorder);
        eventually(() -> assertThat(recorder.signals).hasSize(1));
        assertThat(recorder.signals.get(0).snapshot()).isTrue();
        assertThat(recorder.events()).extracting(NodeEvent::nodeId).containsExactly("a", "b");
        assertThat(recorder.events().get(1)).isInstanceOf(NodeEvent.Unreadable.class);
    }

    @Test
    void watchAfterAListMissesNothing() throws InterruptedException {
        long revision = registry.updateNode(PUMPS, "a", status("a"));
        long deep = put("pumps/x/y", "{}");
        long removed = put("drainers/d", "{}") + 1;
        registry.removeNode(PUMPS, "a");
        registry.watchNodes(PUMPS, WatchStart.after(revision), recorder);
        eventually(() -> assertThat(recorder.events()).hasSize(2));
        assertThat(recorder.events().get(0)).isInstanceOfSatisfying(NodeEvent.Unreadable.class, unreadable -> {
            assertThat(unreadable.nodeId()).isEqualTo("x/y");
            assertThat(unreadable.revision()).isEqualTo(deep);
            assertThat(unreadable.entry().reason()).contains("too deep");
        });
        assertThat(recorder.events().get(1)).isEqualTo(new NodeEvent.Absent<>(key("pumps/a"), "a", removed));
    }

    @Test
    void whatCannotBeStartedIsNotKept() {
        NodeRegistry<NodeStatus> refused = registry(new ForwardingBackend(handle) {
            @Override
            public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                throw new IllegalArgumentException("on purpose");
            }
        });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> refused.watchNodes(PUMPS, WatchStart.snapshot(), recorder))
                .withMessage("on purpose");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> refused.view(PUMPS))
                .withMessage("on purpose");
        assertThat(refused.resources).isEmpty();
    }

    @Test
    void closingEndsTheWatchWithoutACause() {
        Watch watch = registry.watchNodes(PUMPS, WatchStart.snapshot(), recorder);
        watch.close();
        assertThat(recorder.end).succeedsWithin(Duration.ofSeconds(90)).isNull();
    }

    @Test
    void closingTheRegistryEndsItsWatches() {
        registry.watchNodes(PUMPS, WatchStart.snapshot(), recorder);
        registry.close();
        assertThat(recorder.end).succeedsWithin(Duration.ofSeconds(90)).isNull();
    }

    @Test
    void closingTheBackendEndsTheWatchWithACause() {
        registry.watchNodes(PUMPS, WatchStart.snapshot(), recorder);
        handle.close();
        assertThat(recorder.end).succeedsWithin(Duration.ofSeconds(90)).isInstanceOf(BackendClosedException.class);
    }

    /** Its revisions say nothing about those of the former store, so what stood beside a record there must not be kept. */
    @Test
    void storeThatHasGoneBackIsJudgedByWhatItHolds() {
        List<WatchListener> watches = new CopyOnWriteArrayList<>();
        registry(new ForwardingBackend(handle) {
                    @Override
                    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                        watches.add(listener);
                        return super.watch(Directory.of("/nothing"), start, new StubbornStoreTest.Deaf());
                    }
                })
                .watchNodes(PUMPS, WatchStart.snapshot(), recorder);
        WatchListener watch = watches.get(0);
        KeyValue claim = new KeyValue(key(".rollcall/alive/pumps/p"), Bytes.ofUtf8("someone"), 90, true);
        KeyValue mark = new KeyValue(key(".rollcall/kept/pumps/p"), Bytes.ofUtf8("someone"), 40, false);
        watch.onSignal(new Snapshot(ROOT, List.of(claim, record(90)), 100));
        watch.onRewound();
        watch.onSignal(new Snapshot(ROOT, List.of(mark, record(40)), 50));
        watch.onSignal(
                new Changes(ROOT, List.of(new Change.Put(new KeyValue(claim.key(), claim.value(), 51, true))), 51));
        assertThat(recorder.events())
                .map(event -> ((NodeEvent.Present<NodeStatus>) event)
                        .node()
                        .liveness()
                        .reason())
                .containsExactly(Liveness.Reason.CLAIMED, Liveness.Reason.OWNER_GONE, Liveness.Reason.CLAIMED);
    }

    private static KeyValue record(long revision) {
        return new KeyValue(key("pumps/p"), NodeStatusJson.encode(status("p")), revision, false);
    }
}
